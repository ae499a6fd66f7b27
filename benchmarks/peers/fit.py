"""Trains one peer for a wall time on the shared batches, decodes validation and test, and writes what came out."""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.corpus import Corpus, Sentences, open_corpus
from benchmarks.peers.decoder import Decoder, Search
from benchmarks.peers.trainer import Size, Trainer, find, linear_with_warmup
from lengthwise.training.config import OptimizerConfig
from lengthwise.training.optimizers import Optimizer

SPLITS = ("validation", "test")
LENGTH_PENALTIES = (0.6, 1.0, 1.5)
NUM_CHOOSING = 400
"""Validation rows that the length penalty is chosen on."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """One peer's run."""

    path: str
    """Of the trainer's factory."""
    problem: str
    minutes: float
    size: dict[str, Any]
    output: str
    batch_tokens: int = 4096
    num_threads: int = 2
    our_optimizer: dict[str, object] | None = None
    """Fields of `OptimizerConfig`, where the peer is to be trained with ours."""
    our_warmup_steps: int = 100


def fit(trainer: Trainer, corpus: Corpus, minutes: float) -> dict[str, float]:
    """Train until the time is over; making batches counts, as it does for everyone."""
    began, num_tokens, loss = time.perf_counter(), 0, 0.0
    step = 0
    while (progress := (time.perf_counter() - began) / (60 * minutes)) < 1:
        inputs, targets = corpus.batch(step)
        loss = trainer.step(inputs, targets, progress)
        num_tokens += int((inputs != 0).sum() + (targets != 0).sum())
        step += 1
        if step % 200 == 0:
            print(f"  step {step}, loss {loss:.3f}, {100 * progress:.0f} % of the time", flush=True)
    return {"steps": step, "tokens_per_second": num_tokens / (time.perf_counter() - began), "last_loss": loss}


def main(request: Fit) -> None:
    """Do as the request says and write `output`."""
    torch.set_num_threads(request.num_threads)
    torch.manual_seed(0)
    size = Size(**request.size)
    corpus = open_corpus(request.problem, size.vocab, request.batch_tokens)
    trainer = find(request.path)(size)
    if request.our_optimizer is None:
        trainer.use_recommended()
    else:
        ours = OptimizerConfig(**request.our_optimizer)  # pyright: ignore[reportArgumentType] - from JSON
        trainer.use(Optimizer(trainer.model, ours), linear_with_warmup(request.our_warmup_steps))
    result: dict[str, object] = {"request": asdict(request), **fit(trainer, corpus, request.minutes)}
    trainer.model.eval()
    decoder = trainer.decoder()
    with torch.inference_mode():
        search = _best_search(decoder, corpus)
        result["length_penalty"] = search.length_penalty
        result["bleu"] = {split: _bleu(decoder, corpus, corpus.sentences(split), search) for split in SPLITS}
    Path(request.output).write_text(json.dumps(result), encoding="utf-8")


def _best_search(decoder: Decoder, corpus: Corpus) -> Search:
    """The length penalty that is best on the first validation rows, as the recipe's was chosen."""
    some = corpus.sentences("validation", NUM_CHOOSING)
    searches = [Search(length_penalty=penalty) for penalty in LENGTH_PENALTIES]
    return max(searches, key=lambda search: _bleu(decoder, corpus, some, search))


def _bleu(decoder: Decoder, corpus: Corpus, sentences: Sentences, search: Search) -> float:
    return corpus.bleu(decoder.decode(sentences.sources, search, decoder.settings[0]), sentences)


if __name__ == "__main__":
    main(Fit(**json.loads(sys.argv[1])))
