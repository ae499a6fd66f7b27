import pytest
import torch
from torch import nn

from lengthwise.layers.recurrent import BidirectionalRecurrence, Cell, Recurrence, reversal_of, reverse

CELLS = ["lstm", "gru"]


def recurrence(cell: Cell, d_input: int = 3, d_state: int = 4) -> Recurrence:
    torch.manual_seed(0)
    layer = Recurrence(cell, d_input, d_state)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.5)
    return layer


def states(cell: Cell, rows: int) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(1)
    return tuple(torch.randn(rows, 4).tanh() for _ in range(2 if cell == "lstm" else 1))


def torchs(layer: Recurrence, first: tuple[torch.Tensor, ...]) -> object:
    """The initial states as torch's module takes them."""
    return tuple(state[None] for state in first) if layer.cell == "lstm" else first[0][None]


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_torchs_layer(cell):
    layer, x, first = recurrence(cell), torch.randn(2, 6, 3), states(cell, 2)
    torch.testing.assert_close(layer(x, first), layer.unit(x, torchs(layer, first))[0])
    torch.testing.assert_close(layer(x), layer.unit(x)[0])


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_is_torchs_cell(cell):
    layer, x, first = recurrence(cell), torch.randn(2, 3), states(cell, 2)
    weights = list(layer.unit.parameters())
    expected = torch.lstm_cell(x, first, *weights) if cell == "lstm" else (torch.gru_cell(x, first[0], *weights),)
    y, found = layer.step(x, first)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(y, expected[0])


@pytest.mark.parametrize("cell", CELLS)
def test_steps_equal_all_at_once(cell):
    layer, x, now = recurrence(cell), torch.randn(2, 6, 3), states(cell, 2)
    expected = layer(x, now)
    for position in range(6):
        y, now = layer.step(x[:, position], now)
        torch.testing.assert_close(y, expected[:, position])


def test_a_new_lstm_remembers_and_its_gates_are_orthogonal_to_the_state():
    layer = Recurrence("lstm", 3, 4)
    _, within, bias, _ = layer.unit.parameters()
    assert bias.tolist() == [0.0] * 4 + [1.0] * 4 + [0.0] * 8
    for gate in within.chunk(4):
        torch.testing.assert_close(gate @ gate.T, torch.eye(4))


def counter() -> Recurrence:
    """A cell whose gates are all open, and which adds 1 at every position."""
    layer = Recurrence("lstm", 1, 1)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    _, _, bias, _ = layer.unit.parameters()
    nn.init.constant_(bias, 20.0)
    return layer


def test_a_counter_counts_on_beyond_what_bf16_can_when_the_other_layers_compute_in_it():
    layer, now = counter(), (torch.zeros(1, 1), torch.zeros(1, 1))
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for _ in range(300):
            _, now = layer.step(torch.zeros(1, 1, dtype=torch.bfloat16), now)
    assert now[1].item() == 300


@pytest.mark.parametrize("cell", CELLS)
def test_autocast_and_a_model_cast_to_bf16_leave_the_recurrence_in_fp32(cell):
    layer, x = recurrence(cell), torch.randn(2, 50, 3).bfloat16()
    expected = layer(x.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(layer(x), expected.bfloat16())
    found = layer.bfloat16()(x)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, atol=0.02, rtol=0.02)
    y, (h, *_) = layer.step(x[:, 0], states(cell, 2))
    assert (y.dtype, h.dtype) == (torch.bfloat16, torch.float32)


@pytest.mark.parametrize("cell", CELLS)
def test_both_directions_equal_torchs_over_packed_sequences(cell):
    torch.manual_seed(0)
    layer = BidirectionalRecurrence(cell, 3, 4)
    reference = (nn.LSTM if cell == "lstm" else nn.GRU)(3, 4, batch_first=True, bidirectional=True)
    ours = [*layer.forwards.parameters(), *layer.backwards.parameters()]
    for parameter, value in zip(reference.parameters(), ours, strict=True):
        parameter.data.copy_(value)
    x, lengths = torch.randn(3, 6, 3), torch.tensor([4, 6, 1])
    is_real = torch.arange(6) < lengths[:, None]
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = nn.utils.rnn.pad_packed_sequence(reference(packed)[0], batch_first=True)
    found = layer(x, reversal_of(is_real)) * is_real[:, :, None]
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(layer(x, None)[1], expected[1])


def test_rows_are_reversed_within_their_lengths():
    is_real = torch.tensor([[True, True, True, True], [True, True, False, False], [False] * 4])
    reversal = reversal_of(is_real)
    assert reversal.tolist() == [[3, 2, 1, 0], [1, 0, 2, 3], [0, 1, 2, 3]]
    x = torch.randn(3, 4, 2)
    torch.testing.assert_close(reverse(reverse(x, reversal), reversal), x)
    torch.testing.assert_close(reverse(x, None), x.flip(1))


@pytest.mark.parametrize(("cell", "num_gates"), [("lstm", 4), ("gru", 3)])
def test_its_gates_are_blocks_to_an_optimizer(cell, num_gates):
    assert recurrence(cell).unit.num_blocks == num_gates
