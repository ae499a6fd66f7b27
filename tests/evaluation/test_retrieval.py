import pytest
import torch

from lengthwise.contracts import Batch, Features
from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.shards import Encoded, Split, write_shards
from lengthwise.evaluation.retrieval import retrieval
from lengthwise.losses import sequence_loss
from lengthwise.models import transformer
from lengthwise.runtime import resolve

WORDS = [f"{word}{number}" for number in range(8) for word in ("bird", "cow", "dog")]


@pytest.fixture
def split(tmp_path):
    """Texts whose inputs are the texts."""
    codec = Bytes()
    ids = [[*codec.encode(word), 1] for word in WORDS]
    texts = [(word, word) for word in WORDS]
    rows = Encoded(inputs=ids, targets=ids, texts=texts, is_near_duplicate=[False] * len(ids))
    return Split(tmp_path, write_shards(tmp_path, "test", rows))


@pytest.fixture
def model():
    torch.manual_seed(0)
    side = Bytes().feature
    config = transformer.TransformerConfig(d_model=32, d_ff=32, num_heads=2, num_encoder_layers=1)
    return config.build(Features(inputs=side, targets=side, is_shared=True))


def test_a_model_that_knows_finds_the_right_one_and_one_that_does_not_guesses(split, model):
    machine = resolve("cpu", "fp32")
    before = retrieval(model, split, machine)
    assert before.name == "right text among 20" and before.value < 60
    ids = [split.tokens(row)[0] for row in range(len(split))]
    texts = torch.nn.utils.rnn.pad_sequence([torch.tensor(each).long() for each in ids], batch_first=True)
    batch = Batch(texts, texts)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(250):
        optimizer.zero_grad()
        sequence_loss(model.train()(batch), batch).total.backward()
        optimizer.step()
    after = retrieval(model, split, machine)
    assert after.value > 90 and after.low is not None and after.low <= after.value


def test_too_few_texts_are_refused(split, model):
    with pytest.raises(ValueError, match="must have 30 different texts to choose from, but has 24"):
        retrieval(model, split, resolve("cpu", "fp32"), 30)
