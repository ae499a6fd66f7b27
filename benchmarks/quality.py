"""Mode `quality`: every trainer gets the same wall time on the same problem; BLEU of what it learned."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.corpus import PROBLEM, open_corpus
from benchmarks.peers.fit import Fit
from benchmarks.peers.trainer import Size
from benchmarks.table import machine_facts, show
from benchmarks.turns import environment
from lengthwise import catalog
from lengthwise.metrics.bleu import bleu
from lengthwise.models.transformer import TransformerConfig
from lengthwise.recipes.experiment import Experiment
from lengthwise.run import resolved

OURS = "lengthwise"
PEERS = {"marian": "benchmarks.peers.marian:sdpa", "torch.nn.Transformer": "benchmarks.peers.torch_transformer:default"}
SPLITS = ("validation", "test")
DROPOUT = 0.1
"""What both peers recommend and default to."""
CONTENDERS = (
    "lengthwise",
    "marian",
    "torch.nn.Transformer",
    "marian, our optimizer",
    "torch.nn.Transformer, our optimizer",
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What all contenders get."""

    minutes: float = 8.0
    num_threads: int = 2
    recipe: str = "translation.demo"
    """Ours; the peers take its sizes and, in their second run, its batches, dropout, optimizer and schedule."""


def compare(names: tuple[str, ...], terms: Terms) -> dict[str, object]:
    """Train one after the other, each with the whole machine; print the table and return what `--json` holds.

    Ours is asked for the minutes and goes first; the peers get the minutes that its command took, if those were more.
    """
    asked, rows = terms, list[dict[str, object]]()
    for name in sorted(names, key=lambda name: name != OURS):
        before = machine_facts(terms.num_threads)
        print(f"\n{name}: {terms.minutes:.2f} minutes from now, {before}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            found = run_ours(terms, Path(folder)) if name == OURS else run_peer(request_for(name, terms), Path(folder))
        if name == OURS:
            terms = replace(terms, minutes=max(terms.minutes, found["minutes"]))
        rates = [facts["bf16 GFLOP/s"] for facts in (before, machine_facts(terms.num_threads))]
        rows.append({"trainer": name, **found, "bf16 GFLOP/s": f"{rates[0]} to {rates[1]}"})
        show(f"BLEU on {PROBLEM} after the same wall time (beam 4)", rows)
    return {"mode": "quality", "terms": asdict(asked), "machine": machine_facts(terms.num_threads), "rows": rows}


def request_for(name: str, terms: Terms) -> Fit:
    """A peer with what it recommends, or with our optimizer and schedule."""
    peer, _, variant = name.partition(", ")
    experiment = catalog.find("recipes", terms.recipe)()
    assert isinstance(experiment.model, TransformerConfig)
    train = experiment.train
    ours = {"batch_tokens": experiment.batch.tokens, "our_warmup_steps": train.schedule.warmup_steps}
    return Fit(
        path=PEERS[peer],
        problem=PROBLEM,
        minutes=terms.minutes,
        size=_size(experiment, experiment.model.dropout if variant else DROPOUT),
        output="",
        num_threads=terms.num_threads,
        our_optimizer=asdict(train.optimizer) if variant else None,
        **(ours if variant else {}),
    )


def _size(experiment: Experiment, dropout: float) -> dict[str, Any]:
    """The recipe's model, loss and vocabulary."""
    own = asdict(experiment.model)
    size = {name: own[name] for name in Size.__dataclass_fields__ if name in own}
    vocab = experiment.data.get("vocabulary_size", Size.vocab)
    return {**size, "vocab": vocab, "dropout": dropout, "label_smoothing": resolved(experiment).train.label_smoothing}


def run_ours(terms: Terms, folder: Path) -> dict[str, Any]:
    """Train and decode as a user would: by the command line, from text to text; start and validation count as time."""
    run = folder / "run"
    environ = environment(terms.num_threads)
    lengthwise = [sys.executable, "-m", "lengthwise"]
    train = [*lengthwise, "train", terms.recipe, "--run", str(run), f"train.minutes={terms.minutes:g}"]
    began = time.perf_counter()
    subprocess.run(train, check=True, env=environ)
    minutes = (time.perf_counter() - began) / 60
    vocab = catalog.find("recipes", terms.recipe)().data.get("vocabulary_size", Size.vocab)
    corpus = open_corpus(PROBLEM, vocab)
    scores: dict[str, object] = {}
    for split in SPLITS:
        sentences, inputs, outputs = corpus.sentences(split), folder / f"{split}.en", folder / f"{split}.de"
        inputs.write_text("".join(text.replace("\n", " ") + "\n" for text in sentences.texts), encoding="utf-8")
        files = ["--input", str(inputs), "--output", str(outputs)]
        subprocess.run([*lengthwise, "decode", str(run), *files, "--beam", "4"], check=True, env=environ)
        hypotheses = outputs.read_text(encoding="utf-8").split("\n")[: len(sentences.texts)]
        scores[f"{split} BLEU"] = bleu(hypotheses, sentences.references).value
    scores["length penalty"] = catalog.find("recipes", terms.recipe)().decode.length_penalty
    return {**scores, "minutes": minutes, **_last_metrics(run)}


def _last_metrics(run: Path) -> dict[str, object]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    rates = [row["tokens_per_second"] for row in rows if "tokens_per_second" in row]
    return {"steps": rows[-1]["step"], "tokens/s": statistics.median(rates)}


def run_peer(request: Fit, folder: Path) -> dict[str, Any]:
    """Train a peer in a process of its own."""
    output = folder / "result.json"
    arguments = json.dumps({**asdict(request), "output": str(output)})
    command = [sys.executable, "-m", "benchmarks.peers.fit", arguments]
    subprocess.run(command, check=True, env=environment(request.num_threads))
    result = json.loads(output.read_text(encoding="utf-8"))
    bleu = {f"{split} BLEU": result["bleu"][split] for split in SPLITS}
    bleu["length penalty"] = result["length_penalty"]
    return {**bleu, "minutes": request.minutes, "steps": result["steps"], "tokens/s": result["tokens_per_second"]}
