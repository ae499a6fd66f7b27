import pytest
import torch

from lengthwise.contracts import EOS, START, Alignment, Autoregressive, DecodeState
from lengthwise.decoding.ctc import ctc_beam_search
from lengthwise.decoding.joint import decoder_scores, joint_search

A, B, SIZE = 3, 4, 5


class Order(DecodeState):
    """Which source each row is of."""

    def __init__(self, rows: torch.Tensor) -> None:
        self.rows = rows

    def reorder(self, order: torch.Tensor) -> None:
        self.rows = self.rows[order]


class Table(Autoregressive):
    """Tells the next token by the last one alone, from a table for each source."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, batch):
        raise NotImplementedError

    def start(self, inputs, max_length):
        assert inputs is not None
        return Order(torch.arange(len(inputs)))

    def step(self, tokens, state):
        assert isinstance(state, Order)
        return self.logits[state.rows, tokens]


@pytest.fixture
def table() -> Table:
    return Table(torch.randn(2, SIZE, SIZE, generator=torch.Generator().manual_seed(1)))


@pytest.fixture
def alignment() -> Alignment:
    logits = torch.randn(2, 4, SIZE, generator=torch.Generator().manual_seed(0))
    logits[..., [EOS, START]] = -30
    return Alignment(logits.log_softmax(-1), torch.tensor([4, 3]))


INPUTS = torch.zeros(2, 8)


def by_hand(table: Table, row: int, text: list[int]) -> float:
    log_probs, tokens = table.logits[row].double().log_softmax(-1), [START, *text]
    return sum(float(log_probs[a, b]) for a, b in zip(tokens, [*text, EOS], strict=True))


def test_the_decoder_reads_outputs_of_any_number_and_length(table):
    candidates = [[[A], [], [A, B, A]], [[B, B]]]
    found = decoder_scores(table, INPUTS, candidates)
    assert [len(row) for row in found] == [3, 1]
    for row, texts in enumerate(candidates):
        assert found[row] == pytest.approx([by_hand(table, row, text) for text in texts])


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_prefixes_are_ranked_by_both_scores(table, alignment, weight):
    prefixes = ctc_beam_search(alignment.log_probs, alignment.lengths, blank=0, beam=6, num_return=6)
    found = joint_search(table, INPUTS, alignment, beam=6, num_return=6, ctc_weight=weight)
    for row, (answer, known) in enumerate(zip(found, prefixes, strict=True)):
        scores = {
            tuple(each.tokens): weight * each.log_prob + (1 - weight) * by_hand(table, row, each.tokens)
            for each in (known, *known.alternatives)
        }
        wanted = sorted(scores, key=lambda text: -scores[text])
        assert [tuple(each.tokens) for each in (answer, *answer.alternatives)] == wanted
        assert answer.score == pytest.approx(scores[wanted[0]])


def test_the_decoder_can_change_the_answer(alignment):
    prefixes = ctc_beam_search(alignment.log_probs, alignment.lengths, blank=0, beam=6, num_return=6)
    second = prefixes[0].alternatives[0].tokens
    logits = torch.zeros(2, SIZE, SIZE)
    for last, following in zip([START, *second], [*second, EOS], strict=True):
        logits[0, last, following] = 20.0
    found = joint_search(Table(logits), INPUTS, alignment, beam=6, ctc_weight=0.1)
    assert found[0].tokens == second != prefixes[0].tokens
