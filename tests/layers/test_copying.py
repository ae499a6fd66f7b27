import pytest
import torch

from lengthwise.contracts import PAD, START, Batch, Feature, Features
from lengthwise.layers.copying import CopyHead, advance, at, places_of
from lengthwise.losses import sequence_loss
from lengthwise.models.transformer import TransformerConfig


def test_padding_is_never_copied_and_what_stands_twice_is_copied_from_both():
    torch.manual_seed(0)
    head = CopyHead(8).double()
    inputs = torch.tensor([[5, 7, 5, PAD]])
    copies = head(torch.randn(1, 3, 8, dtype=torch.double), torch.randn(1, 4, 8, dtype=torch.double), inputs)
    shares = copies.log_shares.exp()
    assert shares[..., 3].max() == 0
    _, copied = copies.log_probs(torch.tensor([[5, 7, 9]]))
    is_copied = copies.gate.sigmoid()
    expected = torch.stack([shares[0, 0, 0] + shares[0, 0, 2], shares[0, 1, 1], torch.zeros_like(shares[0, 2, 0])])
    torch.testing.assert_close(copied[0].exp(), is_copied[0] * expected)
    mixed = copies.mixed(torch.randn(1, 3, 11, dtype=torch.double))
    torch.testing.assert_close(mixed.exp().sum(-1), torch.ones(1, 3, dtype=torch.double))


def test_what_copies_is_refused_where_the_two_sides_differ():
    config = TransformerConfig(copies=True)
    assert config.refuses(Features(inputs=Feature(size=9), targets=Feature(size=9), is_shared=True)) is None
    assert "`model.copies`" in str(config.refuses(Features(inputs=Feature(size=9), targets=Feature(size=8))))
    assert "`model.copies`" in str(config.refuses(Features(inputs=None, targets=Feature(size=8), is_shared=True)))


def test_words_that_training_never_showed_are_copied():
    torch.manual_seed(0)
    config = TransformerConfig(d_model=32, d_ff=64, num_heads=2, num_encoder_layers=1, copies=True)
    feature = Feature(size=100)
    model = config.build(Features(inputs=feature, targets=feature, is_shared=True))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(200):
        words = torch.randint(START + 1, 60, (32, 4))
        loss = sequence_loss(model(rows_of(words)), rows_of(words))
        (loss.total / loss.num_tokens).backward()
        optimizer.step()
        optimizer.zero_grad()
    unseen = rows_of(torch.randint(60, 100, (64, 4)))
    found = model(unseen).logits.argmax(-1)
    # A head alone would never have written one of them.
    assert (found == unseen.targets)[:, :4].float().mean() > 0.6


def rows_of(words: torch.Tensor) -> Batch:
    closed = torch.nn.functional.pad(words, (0, 1), value=1)
    return Batch(closed, closed)


def test_a_place_is_behind_the_next_equal_input_else_the_first_else_where_it_was():
    inputs = torch.tensor([[5, 7, 5, 8, PAD]])
    tokens = torch.tensor([[START, 5, 9, 5, 8, 7, 8]])
    assert places_of(inputs, tokens).tolist() == [[0, 1, 1, 3, 4, 2, 4]]
    rows = advance(torch.tensor([0, 3]), inputs.expand(2, -1), torch.tensor([5, 5]))
    assert rows.tolist() == [1, 1]


def test_what_stands_at_a_place_is_read_and_behind_the_last_the_last():
    x = torch.arange(6.0).view(1, 3, 2)
    assert at(x, torch.tensor([[0, 2, 3]])).tolist() == [[[0, 1], [4, 5], [4, 5]]]


def test_beams_keep_their_own_places():
    torch.manual_seed(0)
    feature = Feature(size=12)
    config = TransformerConfig(d_model=16, d_ff=32, num_heads=2, copies=True, follows=True)
    model = config.build(Features(inputs=feature, targets=feature, is_shared=True)).double().eval()
    inputs = torch.randint(START + 1, 12, (2, 5))
    state = model.start(inputs, 4)
    state.reorder(torch.tensor([0, 0, 0, 1, 1, 1]))
    written = torch.randint(START + 1, 12, (6, 4))
    tokens = torch.full((6,), START)
    rows = torch.arange(6)
    for position in range(4):
        found = model.step(tokens, state)
        whole = Batch(inputs[rows // 3], torch.cat([written[rows, :position], written[rows, :1]], 1))
        torch.testing.assert_close(found, model(whole).logits[:, position])
        order = torch.tensor([2, 0, 0, 3, 5, 4]) if position == 1 else torch.arange(6)
        tokens = written[rows, position][order]
        rows = rows[order]
        state.reorder(order)


def test_following_without_copying_is_refused():
    with pytest.raises(ValueError, match="`model.follows` must be false without `model.copies`"):
        TransformerConfig(follows=True)
