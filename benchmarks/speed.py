"""Mode `speed`: every trainer takes turns on the same batches; tokens per second, memory, ratios."""

import tempfile
from pathlib import Path

from benchmarks.corpus import open_corpus, save_batches, save_rows
from benchmarks.peers.trainer import Size
from benchmarks.table import machine_facts, show
from benchmarks.turns import Measured, Plan, take_turns

TRAINERS = {
    "lengthwise": "benchmarks.peers.ours:default",
    "lengthwise adamw": "benchmarks.peers.ours:adamw",
    "lengthwise compiled": "benchmarks.peers.ours:compiled",
    "marian": "benchmarks.peers.marian:sdpa",
    "marian eager attention": "benchmarks.peers.marian:eager",
    "marian compiled": "benchmarks.peers.marian:compiled",
    "torch.nn.Transformer": "benchmarks.peers.torch_transformer:default",
}
DEFAULT = ("lengthwise", "marian", "marian eager attention", "torch.nn.Transformer")
LANGUAGE_MODELS = {
    "lengthwise": "benchmarks.peers.ours:language_model",
    "lengthwise adamw": "benchmarks.peers.ours:language_model_adamw",
    "lengthwise adamw compiled": "benchmarks.peers.ours:language_model_compiled",
    "hugging face llama": "benchmarks.peers.language_models:hugging_face",
    "hugging face llama compiled": "benchmarks.peers.language_models:hugging_face_compiled",
    "x-transformers": "benchmarks.peers.language_models:x_transformers",
    "x-transformers compiled": "benchmarks.peers.language_models:x_transformers_compiled",
    "plain pytorch gpt": "benchmarks.peers.language_models:plain",
    "plain pytorch gpt compiled": "benchmarks.peers.language_models:plain_compiled",
}
DEFAULT_LANGUAGE_MODELS = (
    "lengthwise",
    "lengthwise adamw",
    "hugging face llama",
    "x-transformers",
    "plain pytorch gpt",
)
OURS = "lengthwise"


def measure_language_models(
    names: tuple[str, ...], problem: str, size: Size, plan: Plan, batch_tokens: int, length: int
) -> dict[str, object]:
    """The same for decoders, on rows of `length` tokens without padding."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "rows.pt")
        save_rows(open_corpus(problem, size.vocab), plan.steps * plan.rounds, length, batch_tokens, path)
        measured = take_turns({name: LANGUAGE_MODELS[name] for name in names}, size, plan.on(path))
    rows = [_row(name, figures, measured) for name, figures in measured.items()]
    show(f"training, bf16 autocast, {size.vocab:,} vocabulary, rows of {length}", rows)
    rates = {name: figures.rates for name, figures in measured.items()}
    return {"machine": machine_facts(plan.num_threads), "rows": rows, "rates": rates}


def measure(names: tuple[str, ...], problem: str, size: Size, plan: Plan, batch_tokens: int) -> dict[str, object]:
    """Run the mode, print its table, and return what `--json` holds."""
    with tempfile.TemporaryDirectory() as folder:
        batches_file = plan.batches_file or str(Path(folder) / "batches.pt")
        if not plan.batches_file:
            save_batches(open_corpus(problem, size.vocab, batch_tokens), plan.steps * plan.rounds, batches_file)
        before = machine_facts(plan.num_threads)
        print(f"machine: {before}", flush=True)
        measured = take_turns({name: TRAINERS[name] for name in names}, size, plan.on(batches_file))
    rows = [_row(name, figures, measured) for name, figures in measured.items()]
    show(f"training, bf16 autocast, {size.vocab:,} vocabulary, dropout {size.dropout}", rows)
    after = machine_facts(plan.num_threads)
    print(f"bf16 matmul: {before['bf16 GFLOP/s']} GFLOP/s before, {after['bf16 GFLOP/s']} after")
    rates = {name: figures.rates for name, figures in measured.items()}
    return {"mode": "speed", "before": before, "after": after, "rows": rows, "rates": rates}


def _row(name: str, figures: Measured, measured: dict[str, Measured]) -> dict[str, object]:
    ours = measured.get(OURS)
    return {
        "trainer": name,
        "tokens/s": figures.tokens_per_second,
        "lengthwise is": f"{ours.ratio_to(figures):.2f}x" if ours else "-",
        "best round": figures.best,
        "there it is": f"{ours.best / figures.best:.2f}x" if ours else "-",
        "peak MB": round(figures.peak_mb),
        "libraries MB": round(figures.libraries_mb),
        "memory to ours": f"{figures.peak_mb / ours.peak_mb:.2f}x" if ours else "-",
        "parameters": figures.parameters,
        "last loss": figures.loss,
    }
