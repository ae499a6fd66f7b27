"""What every model promises on every kind of problem that it takes, and the table of them in docs/matrix.md."""

import os
from pathlib import Path

import pytest
import torch
from kinds import KINDS, Kind, shrunk

from lengthwise import catalog
from lengthwise.contracts import START, Autoregressive, Model, OneShot
from lengthwise.evaluation.evaluate import for_decoding
from lengthwise.losses import sequence_loss
from lengthwise.models.decoder import Decoder
from lengthwise.models.image_transformer import ImageTransformer
from lengthwise.runtime import Runtime

MODELS = sorted(name.removesuffix(".tiny") for name in catalog.names("models") if name.endswith(".tiny"))
TAKEN = [
    (model, kind) for model in MODELS for kind in KINDS if shrunk(f"{model}.tiny").refuses(KINDS[kind].features) is None
]
MATRIX = Path(__file__).parents[2] / "docs" / "matrix.md"
MOST_REFUSED = 0.4


@pytest.fixture(params=TAKEN, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def pair(request: pytest.FixtureRequest) -> tuple[Model, Kind]:
    name, kind = request.param
    torch.manual_seed(0)
    built = shrunk(f"{name}.tiny").build(KINDS[kind].features).double()
    for parameter in built.parameters():
        if not parameter.any():  # heads that begin at zero have nothing to show
            torch.nn.init.normal_(parameter, std=0.1)
    return built, KINDS[kind]


def test_stepwise_equals_all_at_once_and_no_position_sees_what_comes(pair):
    model, kind = pair
    model.eval()
    batch = kind.batch()
    expected = model(batch).logits
    if not isinstance(model, Autoregressive):
        assert isinstance(model, OneShot)
        return
    state = model.start(batch.inputs, batch.targets.shape[1])
    if batch.inputs is None:
        state.reorder(torch.zeros(len(batch.targets), dtype=torch.long))
    tokens = torch.full((len(batch.targets),), START)
    for position in range(batch.targets.shape[1]):
        torch.testing.assert_close(model.step(tokens, state), expected[:, position])
        tokens = batch.targets[:, position]


def test_decoding_in_bf16_is_near_to_fp32(pair):
    """With weights cast and packed as decoding does, and the model as it was left alone."""
    model, kind = pair
    if not isinstance(model, Autoregressive):
        pytest.skip("writes at once, as in training")
    batch = kind.batch()
    exact = model.float().eval()
    near = for_decoding(exact, Runtime(device=torch.device("cpu"), compute_dtype=torch.bfloat16, seed=0))
    assert isinstance(near, Autoregressive)
    states = []
    for each in (exact, near):
        inputs = batch.inputs
        if inputs is not None and inputs.is_floating_point():
            inputs = inputs.to(next(each.parameters()).dtype)
        states.append(each.start(inputs, batch.targets.shape[1]))
        if inputs is None:
            states[-1].reorder(torch.zeros(len(batch.targets), dtype=torch.long))
    tokens = torch.full((len(batch.targets),), START)
    for position in range(batch.targets.shape[1]):
        expected, found = (each.step(tokens, state) for each, state in zip((exact, near), states, strict=True))
        assert (found.float() - expected).abs().mean() < 0.1 * expected.std() + 0.02
        tokens = batch.targets[:, position]


def test_rows_do_not_see_each_other(pair):
    model, kind = pair
    model.eval()
    batch = kind.batch()
    alone = batch.taken(torch.tensor([1]))
    found = model(alone).logits[0]
    torch.testing.assert_close(model(batch).logits[1, : len(found)], found)


def test_gradients_reach_every_parameter(pair):
    model, kind = pair
    has_encoder = not isinstance(model, ImageTransformer | Decoder | OneShot)
    if has_encoder and kind in (KINDS["class to image"], KINDS["text"]):
        pytest.skip("attention to one position, or none, has nothing to choose from")
    batch = kind.batch(rows=16)
    sequence_loss(model(batch), batch).total.backward()
    without = [name for name, each in model.named_parameters() if each.grad is None or not each.grad.any()]
    assert without == []


RATES = {"diagonal_neural_gpu": 0.02}
"""Where a model's own defaults are far from the rest: this one's is .03 at the tests' width."""


@pytest.mark.parametrize(("model", "kind"), TAKEN)
def test_what_the_matrix_calls_working_learns(model: str, kind: str):
    """Fifty steps halve the loss of one batch."""
    torch.manual_seed(0)
    batch = KINDS[kind].batch(rows=2 if kind == "class to image" else 8)
    built = shrunk(f"{model}.tiny").build(KINDS[kind].features).double()
    optimizer = torch.optim.Adam(built.parameters(), lr=RATES.get(model, 5e-3))
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        summed = sequence_loss(built(batch), batch)
        (summed.total / summed.num_tokens).backward()
        optimizer.step()
        losses.append(summed.nll.item() / summed.num_tokens)
    assert min(losses) < losses[0] / 2, losses[-1] / losses[0]


def test_the_matrix_in_the_docs_is_what_the_models_say():
    text = _matrix()
    if os.environ.get("LENGTHWISE_WRITE_MATRIX") == "1":
        MATRIX.write_text(text, encoding="utf-8")
    assert MATRIX.read_text(encoding="utf-8") == text, "LENGTHWISE_WRITE_MATRIX=1 writes docs/matrix.md anew."


def test_most_cells_work():
    assert 1 - len(TAKEN) / (len(MODELS) * len(KINDS)) < MOST_REFUSED


def _matrix() -> str:
    reasons: dict[str, int] = {}
    rows = []
    for model in MODELS:
        refusals = [shrunk(f"{model}.tiny").refuses(kind.features) for kind in KINDS.values()]
        marks = [
            "yes" if reason is None else f"no [{reasons.setdefault(reason, len(reasons) + 1)}]" for reason in refusals
        ]
        rows.append(f"| `{model}` | {' | '.join(marks)} |")
    lines = [
        "# Which model does which kind of problem",
        "",
        "Written and checked by `tests/models/test_every_kind.py`: where it says yes, fifty steps halve the loss of "
        "one batch, decoding step by step gives what training sees at once, rows of a batch don't see each other, and "
        "gradients reach every parameter.",
        "",
        f"| model | {' | '.join(KINDS)} |",
        f"|---|{'---|' * len(KINDS)}",
        *rows,
        "",
        *(f"{number}. {reason}" for reason, number in reasons.items()),
        "",
        "| kind | families of problems |",
        "|---|---|",
        *(f"| {name} | {kind.families} |" for name, kind in KINDS.items()),
        "",
    ]
    return "\n".join(lines)
