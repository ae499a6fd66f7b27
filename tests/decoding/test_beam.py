"""Beam search against enumeration, greedy search and itself."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lengthwise.contracts import EOS
from lengthwise.decoding import beam as beam_module
from lengthwise.decoding import rows as rows_module
from lengthwise.decoding.beam import beam_search
from lengthwise.decoding.greedy import greedy


def _sources(num_rows: int, vocab: int = 6, seed: int = 0) -> tuple[list[list[int]], torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 6, (num_rows,), generator=random).tolist()
    rows = [torch.randint(3, vocab, (length,), generator=random).tolist() + [EOS] for length in lengths]
    padded = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
    return rows, padded


def _limits(sources: list[list[int]]) -> torch.Tensor:
    return torch.tensor([2 * len(source) + 3 for source in sources])


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
@pytest.mark.parametrize("eos_bias", [-3.0, 0.0])
def test_a_wide_beam_finds_the_best_of_all_outputs_in_order(recurrent, outputs_of, alpha, eos_bias):
    model = recurrent(vocab=5, seed=3, eos_bias=eos_bias)
    found = beam_search(model, torch.tensor([[3, 4, 1]]), torch.tensor([5]), beam=64, alpha=alpha, num_return=10)[0]
    every = outputs_of(model, [3, 4, 1], 5, 5)
    scores = {words: total / ((6 + len(words)) / 6) ** alpha for words, total in every.items()}
    best = sorted(scores, key=lambda words: -scores[words])[:10]
    assert [tuple(one.tokens) for one in (found, *found.alternatives)] == best
    for one in (found, *found.alternatives):
        assert one.log_prob == pytest.approx(every[tuple(one.tokens)], abs=1e-4)
        assert one.score == pytest.approx(scores[tuple(one.tokens)], abs=1e-4)


def test_the_length_penalty_changes_which_output_wins(recurrent):
    model = recurrent(vocab=5, seed=3)
    lengths = [
        len(beam_search(model, torch.tensor([[3, 4, 1]]), torch.tensor([9]), beam=64, alpha=alpha)[0].tokens)
        for alpha in (0.0, 4.0)
    ]
    assert lengths[0] < lengths[1]


@pytest.mark.parametrize("seed", range(5))
def test_a_beam_of_one_is_greedy(recurrent, seed):
    model = recurrent(vocab=40, seed=seed)
    sources, inputs = _sources(20, vocab=40, seed=seed)
    ours = beam_search(model, inputs, _limits(sources), beam=1, alpha=0.6)
    assert ours == greedy(model, inputs, _limits(sources), length_penalty=0.6)


@pytest.mark.parametrize("alpha", [0.0, 0.6, 3.0])
@pytest.mark.parametrize("beam", [1, 2, 4, 7])
def test_a_batch_answers_as_its_rows_do_alone(recurrent, beam, alpha):
    model = recurrent(vocab=30, seed=beam)
    sources, inputs = _sources(24, vocab=30)
    together = beam_search(model, inputs, _limits(sources), beam=beam, alpha=alpha, num_return=beam)
    alone = [
        beam_search(model, torch.tensor([row]), _limits([row]), beam=beam, alpha=alpha, num_return=beam)[0]
        for row in sources
    ]
    assert together == alone
    assert len({len(one.tokens) for one in together}) > 3


def test_dropping_finished_sentences_saves_rows_and_changes_nothing(recurrent, monkeypatch):
    model = recurrent(vocab=30, seed=1)
    sources, inputs = _sources(24, vocab=30)
    dropped = beam_search(model, inputs, _limits(sources), beam=4)
    monkeypatch.setattr(beam_module, "is_drop_worth", lambda num_done, num_sentences: num_done == num_sentences)
    kept = beam_search(model, inputs, _limits(sources), beam=4)
    monkeypatch.setattr(beam_module, "is_drop_worth", lambda num_done, num_sentences: True)
    eager = beam_search(model, inputs, _limits(sources), beam=4)
    assert dropped == kept == eager
    num_rows = [sum(state.num_rows) for state in model.states]
    assert num_rows[2] < num_rows[0] < num_rows[1]


def test_dropping_finished_rows_changes_nothing_in_greedy(recurrent, monkeypatch):
    model = recurrent(vocab=30, seed=1)
    sources, inputs = _sources(24, vocab=30)
    dropped = greedy(model, inputs, _limits(sources))
    monkeypatch.setattr(rows_module, "is_drop_worth", lambda num_done, num_sentences: False)
    assert dropped == greedy(model, inputs, _limits(sources))
    num_rows = [sum(state.num_rows) for state in model.states]
    assert num_rows[0] < num_rows[1]


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("num_return", [1, 3])
def test_stopping_early_saves_steps_and_changes_nothing(recurrent, monkeypatch, alpha, num_return):
    model = recurrent(vocab=30, seed=2, eos_bias=2.0)
    sources, inputs = _sources(40, vocab=30)
    limits = 2 * _limits(sources)
    options = {"beam": 6, "alpha": alpha, "num_return": num_return}
    early = beam_search(model, inputs, limits, **options)
    nobody = torch.zeros(1, dtype=torch.bool)
    monkeypatch.setattr(beam_module, "is_settled", lambda *_: nobody)
    late = beam_search(model, inputs, limits, **options)
    assert early == late
    num_rows = [sum(state.num_rows) for state in model.states]
    assert num_rows[0] < num_rows[1]


def test_the_state_is_expanded_once_then_reordered_inside_sentences_and_cut_to_whole_ones(table):
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(9, 12, 12, generator=random) * 3
    logits[..., EOS] = -6
    model = table(logits)
    inputs = torch.arange(3, 9)[:, None]
    beam_search(model, inputs, torch.tensor([2, 9, 3, 9, 4, 9]), beam=3)
    expand, *later = model.states[0].orders
    assert expand == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]
    num_rows = 18
    drops = 0
    for order in later:
        sentences = [row // 3 for row in order]
        if len(order) == num_rows:
            assert sentences == [place // 3 for place in range(num_rows)]
        else:
            assert order == [3 * sentence + slot for sentence in sorted(set(sentences)) for slot in range(3)]
            num_rows = len(order)
            drops += 1
    assert drops
    # Grouped by sentence to the end.
    assert all(len(set(group)) == 1 for group in model.states[0].sources.view(-1, 3).tolist())


def test_a_beam_of_one_reorders_only_to_drop(table):
    model = table(torch.zeros(1, 6, 6).index_fill(-1, torch.tensor([EOS]), -6))
    beam_search(model, torch.tensor([[3], [4]]), torch.tensor([3, 9]), beam=1)
    assert model.states[0].orders == [[0, 1], [1]]


def test_a_finished_hypothesis_leaves_its_slot_to_a_live_one(table):
    # `EOS` is the likeliest at once; three words follow, each of which ends in the next step.
    logits = torch.full((2, 6, 6), -20.0)
    logits[0, :, 1:] = torch.tensor([3.0, -20.0, 2.0, 1.9, 1.8])
    logits[1, :, EOS] = 9.0
    found = beam_search(table(logits), torch.tensor([[3]]), torch.tensor([5]), beam=3, num_return=3)[0]
    assert [one.tokens for one in (found, *found.alternatives)] == [[], [3], [4]]


def test_a_sentence_ends_with_as_many_finished_hypotheses_as_the_beam_is_wide(table):
    # After the first word all is sure up to a length that a large penalty rewards.
    logits = torch.full((8, 6, 6), -20.0)
    logits[0, :, [EOS, 3]] = torch.tensor([1.0, 0.9])
    logits[1:7, :, 3] = 20.0
    logits[7, :, EOS] = 20.0
    model = table(logits)
    inputs, limits = torch.tensor([[3]]), torch.tensor([20])
    assert beam_search(model, inputs, limits, beam=2, alpha=3.0)[0].tokens == [3] * 7
    assert beam_search(model, inputs, limits, beam=1, alpha=3.0) == greedy(model, inputs, limits, length_penalty=3.0)
    assert [state.step for state in model.states] == [8, 1, 1]


@pytest.mark.parametrize("beam", [2, 4])
def test_unlikely_ends_do_not_keep_a_sure_output_from_being_written(table, beam):
    # Each step is nearly sure of a word, and the next best is to end: the beam is full of ends after two steps.
    logits = torch.full((6, 6, 6), -30.0)
    logits[:5, :, 3], logits[:5, :, EOS] = 5.0, -3.0
    logits[5, :, EOS] = 5.0
    found = beam_search(table(logits), torch.tensor([[3]]), torch.tensor([20]), beam=beam, alpha=0.0)[0]
    assert found.tokens == [3] * 5


def test_an_output_cut_at_its_limit_counts_only_where_none_has_ended(table):
    logits = torch.zeros(1, 6, 6)
    logits[..., EOS] = -50.0
    found = beam_search(table(logits), torch.tensor([[3]]), torch.tensor([4]), beam=2, num_return=2)[0]
    assert found.tokens == [3, 3, 3, 3]
    assert found.alternatives[0].tokens == [3, 3, 3, 4]
    # A poor ending within the beam still goes before a cut one.
    logits[..., EOS] = -1.0
    found = beam_search(table(logits), torch.tensor([[3]]), torch.tensor([2]), beam=12, num_return=12)[0]
    ended = [[], [3], [4], [5]]
    assert [one.tokens for one in (found, *found.alternatives)][:4] == ended
    assert found.alternatives[2].score < found.alternatives[3].score


def test_equal_scores_go_to_the_lower_ids(table):
    found = beam_search(table(torch.zeros(1, 9, 9)), torch.tensor([[3]]), torch.tensor([1]), beam=4, num_return=4)[0]
    assert [one.tokens for one in (found, *found.alternatives)] == [[], [3], [4], [5]]


def test_padding_and_start_are_never_written(table):
    logits = torch.zeros(1, 6, 6)
    logits[..., [0, 2]] = 50.0
    found = beam_search(table(logits), torch.tensor([[3]]), torch.tensor([6]), beam=4, num_return=4)[0]
    words = {token for one in (found, *found.alternatives) for token in one.tokens}
    assert words and words <= {3, 4, 5}


def test_a_beam_wider_than_the_vocabulary_works(table):
    logits = torch.zeros(1, 4, 4)
    found = beam_search(table(logits), torch.tensor([[3]]), torch.tensor([3]), beam=5, num_return=5)[0]
    assert [one.tokens for one in (found, *found.alternatives)] == [[], [3], [3, 3], [3, 3, 3]]


def test_logits_that_are_no_numbers_are_refused(table):
    logits = torch.zeros(3, 6, 6)
    logits[2, 3, 5] = torch.nan
    logits[:2, :, EOS] = -9
    with pytest.raises(ValueError, match="`precision=fp32`"):
        beam_search(table(logits), torch.tensor([[3]]), torch.tensor([6]), beam=2)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    beam=st.integers(1, 6),
    alpha=st.sampled_from([0.0, 0.6, 1.0]),
    eos_bias=st.sampled_from([-4.0, 0.0, 3.0]),
)
def test_every_answer_is_bounded_sorted_distinct_and_scored_as_the_model_does(seed, beam, alpha, eos_bias, request):
    build = request.getfixturevalue("recurrent")
    model = build(vocab=9, seed=seed, eos_bias=eos_bias)
    sources, inputs = _sources(5, vocab=9, seed=seed)
    limits = _limits(sources)
    found = beam_search(model, inputs, limits, beam=beam, alpha=alpha, num_return=beam)
    for source, limit, first in zip(sources, limits.tolist(), found, strict=True):
        every = [first, *first.alternatives]
        assert len({tuple(one.tokens) for one in every}) == len(every) <= beam
        for one in every:
            assert len(one.tokens) <= limit and all(token > 2 for token in one.tokens)
            assert one.log_prob == pytest.approx(_log_prob(model, source, one.tokens, limit), abs=1e-3)
        ended = [one.score for one in every if len(one.tokens) < limit]
        assert ended == sorted(ended, reverse=True)


def _log_prob(model, source: list[int], tokens: list[int], limit: int) -> float:
    state = model.start(torch.tensor([source]), limit)
    total, last = 0.0, 2
    for token in [*tokens, EOS][:limit]:
        total += float(model.step(torch.tensor([last]), state).log_softmax(-1)[0, token])
        last = token
    return total
