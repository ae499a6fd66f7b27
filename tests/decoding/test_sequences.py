"""Many sources to outputs in their order."""

import dataclasses
import threading

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lengthwise import runtime
from lengthwise.contracts import EOS, Batch, Model, OneShot, Output
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.sequences import batches, decode_sequences

CPU = runtime.resolve("cpu", "fp32")
CONFIGS = [
    DecodeConfig(batch_tokens=600),
    DecodeConfig(beam=2, num_return=2, batch_tokens=300),
    DecodeConfig(method="greedy", batch_tokens=100),
]


def _sources(num_rows: int, vocab: int = 25) -> list[list[int]]:
    random = torch.Generator().manual_seed(5)
    lengths = torch.randint(0, 9, (num_rows,), generator=random).tolist()
    return [torch.randint(3, vocab, (length,), generator=random).tolist() + [EOS] for length in lengths]


@pytest.mark.parametrize("config", CONFIGS)
def test_answers_come_in_the_order_of_the_sources_and_as_one_by_one(recurrent, config):
    model = recurrent(vocab=25, seed=1)
    sources = _sources(40)
    together = decode_sequences(model, sources, config, CPU)
    assert len(model.states) > 1
    assert together == [decode_sequences(model, [source], config, CPU)[0] for source in sources]


def test_sampling_depends_on_seed_and_row_but_not_on_batches(recurrent):
    model = recurrent(vocab=25, seed=1)
    sources = _sources(40)
    config = DecodeConfig(method="sampling", seed=3)
    drawn = decode_sequences(model, sources, config, CPU)
    assert drawn == decode_sequences(model, sources, dataclasses.replace(config, batch_tokens=1), CPU)
    assert drawn != decode_sequences(model, sources, dataclasses.replace(config, seed=4), CPU)
    twins = decode_sequences(model, [sources[0]] * 9, config, CPU)
    assert len({tuple(one.tokens) for one in twins}) > 1


def test_an_empty_source_has_an_empty_output_and_never_meets_the_model(recurrent):
    model = recurrent()
    found = decode_sequences(model, [[], [EOS], [EOS]], DecodeConfig(), CPU)
    assert [one.tokens for one in found] == [[], [], []]
    assert model.states == []
    assert decode_sequences(model, [], DecodeConfig(), CPU) == []


def test_a_source_of_five_thousand_words_is_answered_beside_short_ones(recurrent):
    model = recurrent(vocab=25, seed=1, eos_bias=-30.0)
    sources = [[3, EOS], [4, 5, 6] * 2000 + [EOS], [EOS], [7, EOS]]
    found = decode_sequences(model, sources, DecodeConfig(beam=2), CPU)
    assert [len(one.tokens) for one in found] == [24, 2048, 0, 24]
    found = decode_sequences(model, sources, DecodeConfig(beam=2, max_length=30), CPU)
    assert [len(one.tokens) for one in found] == [30, 30, 0, 30]


@given(
    lengths=st.lists(st.integers(0, 300)),
    batch_tokens=st.integers(1, 5000),
    beam=st.integers(1, 5),
    num_workers=st.integers(1, 4),
)
def test_every_row_is_in_one_batch_within_the_budget(lengths, batch_tokens, beam, num_workers):
    config = DecodeConfig(batch_tokens=batch_tokens, beam=beam)
    cut = list(batches(lengths, config, num_workers))
    assert sorted(row for batch in cut for row in batch) == list(range(len(lengths)))
    for batch in cut:
        longest = max(lengths[row] for row in batch)
        assert len(batch) == 1 or len(batch) * beam * (3 * longest + 20) <= batch_tokens
    order = [lengths[row] for batch in cut for row in batch]
    assert order == sorted(order, reverse=True)


def test_few_rows_are_shared_among_the_threads():
    cut = list(batches([5, 5, 5, 5, 5, 5], DecodeConfig(), num_workers=2))
    assert [len(batch) for batch in cut] == [3, 3]


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_every_thread_decodes_a_batch_of_its_own_and_leaves_torch_as_it_was(recurrent):
    threads = set()
    meeting = threading.Barrier(2)

    class Traced(recurrent):
        def start(self, inputs, max_length):
            is_early = len(threads) < 2
            threads.add((threading.current_thread().name, torch.get_num_threads()))
            if is_early:  # a first batch that was over too soon would leave the second to the same thread
                meeting.wait(timeout=60)
            return super().start(inputs, max_length)

    sources = _sources(40)
    found = decode_sequences(Traced(vocab=25, seed=1), sources, CONFIGS[0], CPU)
    assert threads == {("decode_0", 1), ("decode_1", 1)}
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)
    assert found == decode_sequences(recurrent(vocab=25, seed=1), sources, CONFIGS[0], CPU)


@pytest.mark.usefixtures("two_threads")
def test_an_error_in_a_thread_reaches_the_caller(recurrent):
    class Broken(recurrent):
        def step(self, tokens, state):
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        decode_sequences(Broken(vocab=25), _sources(40), CONFIGS[0], CPU)
    assert torch.get_num_threads() == 2


def test_progress_counts_to_the_end(recurrent):
    seen = []
    decode_sequences(recurrent(vocab=25), _sources(40), CONFIGS[0], CPU, lambda *call: seen.append(call))
    counts = [count for _, count, _ in seen]
    assert counts == sorted(counts) and counts[-1] == 40
    assert {(name, total) for name, _, total in seen} == {("decode", 40)}


@pytest.mark.parametrize("was_training", [True, False])
def test_the_model_decodes_in_evaluation_and_goes_back_to_what_it_did(recurrent, was_training):
    model = recurrent(vocab=25)
    model.train(was_training)
    seen = []
    model.start = lambda *arguments: seen.append(model.training) or type(model).start(model, *arguments)
    decode_sequences(model, [[3, EOS]], DecodeConfig(), CPU)
    assert seen == [False] and model.training == was_training


def test_bf16_logits_are_summed_in_fp32(recurrent):
    class Half(recurrent):
        def step(self, tokens, state):
            assert torch.is_autocast_enabled("cpu") and torch.is_inference_mode_enabled()
            return super().step(tokens, state).bfloat16()

    model = Half(vocab=25, seed=1)
    found = decode_sequences(model, [[3, 4, EOS]], DecodeConfig(), runtime.resolve("cpu", "bf16"))[0]
    assert found.log_prob != torch.tensor(found.log_prob).bfloat16().item()


def test_a_model_that_writes_at_once_is_asked_once_per_batch():
    class Copy(OneShot):
        def forward(self, batch: Batch) -> Output:
            raise AssertionError("Decoding must not run a model on targets.")

        def predict(self, inputs: torch.Tensor) -> torch.Tensor:
            return inputs

    sources = _sources(20)
    found = decode_sequences(Copy(), sources, DecodeConfig(), CPU)
    assert [one.tokens for one in found] == [source[:-1] for source in sources]


def test_a_model_that_cannot_decode_is_refused():
    class Deaf(Model):
        def forward(self, batch: Batch) -> Output:
            raise AssertionError("Never called.")

    with pytest.raises(ValueError, match="must be Autoregressive or OneShot .* but is a Deaf"):
        decode_sequences(Deaf(), [[3, EOS]], DecodeConfig(), CPU)
