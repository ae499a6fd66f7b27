"""The same sentences, beam and weights in every decoder, each with the setting that suits it best."""

import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import PROBLEM, Corpus
from benchmarks.peers.decoder import Decoder, Search, Sentences
from benchmarks.table import machine_facts, show
from benchmarks.turns import environment
from lengthwise import run
from lengthwise.contracts import Autoregressive

DEFAULT = ("lengthwise", "hf generate", "ctranslate2 fp32")
OURS = "lengthwise"
PRESET = "transformer.paper_base"
"""Post-norm with biases and sinusoids: what Marian can hold."""
SETTINGS = (
    *("model.d_model=256", "model.d_ff=1024", "model.num_heads=4"),
    *("model.num_encoder_layers=3", "model.num_decoder_layers=3"),
    *("train.optimizer.learning_rate=0.0625", "train.schedule.warmup_steps=400"),
)
"""The peers' size, and the paper's schedule shortened as the run is."""


@dataclass(frozen=True)
class Effort:
    """How much is decoded how often."""

    num_sentences: int = 500
    rounds: int = 3
    num_threads: int = 2


def train_run(path: Path, minutes: float, num_threads: int) -> Path:
    """Train the peers' size for decoding, where no run was given."""
    model = ["--problem", PROBLEM, "--model", PRESET, *SETTINGS]
    command = [sys.executable, "-m", "lengthwise", "train", *model, "--run", str(path), f"train.minutes={minutes:g}"]
    subprocess.run(command, check=True, env=environment(num_threads))
    return path


def measure(names: tuple[str, ...], path: Path, search: Search, effort: Effort) -> dict[str, object]:
    """Run the mode, print its table, and return what `--json` holds."""
    before = machine_facts(effort.num_threads)
    print(f"machine: {before}", flush=True)
    model, corpus = load_run(path)
    sentences = corpus.sentences("test", effort.num_sentences)
    decoders = {name: _decoder(name, model, effort.num_threads) for name in names}
    results = compare(decoders, sentences.sources, search, effort.rounds)
    rows = [_row(name, found, results, corpus.bleu(found.outputs, sentences)) for name, found in results.items()]
    show(f"{len(sentences.sources)} sentences, beam {search.beam}, length penalty {search.length_penalty}", rows)
    tried = {name: found.tried for name, found in results.items()}
    return {
        "mode": "decode",
        "before": before,
        "after": machine_facts(effort.num_threads),
        "rows": rows,
        "tried": tried,
    }


def load_run(path: Path) -> tuple[Autoregressive, Corpus]:
    """The model of a run and the prepared problem it learned."""
    loaded = run.load(path, "cpu")
    model = loaded.model
    assert isinstance(model, Autoregressive)
    return model, Corpus(run.prepare_data(loaded.experiment))


def _decoder(name: str, model: Autoregressive, num_threads: int) -> Decoder:
    if name == OURS:
        from benchmarks.peers.ours import OurDecoder

        return OurDecoder(model)
    from benchmarks.peers.marian_weights import marian_of

    marian = marian_of(model)
    if name == "hf generate":
        from benchmarks.peers.marian_decoder import MarianDecoder

        return MarianDecoder(marian)
    from benchmarks.peers.ctranslate2 import CTranslate2Decoder

    return CTranslate2Decoder(marian, num_threads)


def _row(name: str, found: "Decoded", results: "dict[str, Decoded]", bleu: float) -> dict[str, object]:
    ours = results.get(OURS)
    return {
        "decoder": name,
        "setting": found.setting,
        "sentences/s": found.sentences_per_second,
        "lengthwise is": f"{ours.ratio_to(found):.2f}x" if ours else "-",
        "equal in fp32": f"{100 * ours.share_equal(found):.1f} %" if ours else "-",
        "BLEU": bleu,
    }


@dataclass
class Decoded:
    """A decoder's best setting, its times, and what it wrote."""

    setting: str
    outputs: list[list[int]]
    exact: list[list[int]]
    """Outputs in fp32, whatever the best setting computes in."""
    seconds: list[float] = field(default_factory=list)
    tried: dict[str, float] = field(default_factory=dict)
    """Sentences per second of every setting in the first round."""

    @property
    def sentences_per_second(self) -> float:
        """Median over the rounds."""
        return len(self.outputs) / statistics.median(self.seconds)

    def ratio_to(self, other: "Decoded") -> float:
        """How many times as fast as `other`: the median over rounds."""
        return statistics.median(its / own for own, its in zip(self.seconds, other.seconds, strict=True))

    def share_equal(self, other: "Decoded") -> float:
        """The share of fp32 outputs equal to `other`'s, token by token."""
        pairs = zip(self.exact, other.exact, strict=True)
        return sum(own == its for own, its in pairs) / len(self.outputs)


def best_setting(decoder: Decoder, sources: Sentences, search: Search) -> Decoded:
    """Decode once with every setting and keep the fastest."""
    found: dict[str, tuple[float, list[list[int]]]] = {}
    for setting in decoder.settings:
        decoder.decode(sources[:8], search, setting)
        found[setting] = _timed(decoder, sources, search, setting)
        print(f"  {type(decoder).__name__} {setting}: {len(sources) / found[setting][0]:.1f} sentences/s", flush=True)
    best = min(found, key=lambda setting: found[setting][0])
    tried = {setting: len(sources) / seconds for setting, (seconds, _) in found.items()}
    return Decoded(best, found[best][1], exact=found[decoder.settings[0]][1], tried=tried)


def compare(decoders: Mapping[str, Decoder], sources: Sentences, search: Search, rounds: int) -> dict[str, Decoded]:
    """Find each decoder's best setting, then let them take turns."""
    results = {name: best_setting(decoder, sources, search) for name, decoder in decoders.items()}
    for _ in range(rounds):
        for name, decoder in decoders.items():
            seconds, _ = _timed(decoder, sources, search, results[name].setting)
            results[name].seconds.append(seconds)
    return results


def _timed(decoder: Decoder, sources: Sentences, search: Search, setting: str) -> tuple[float, list[list[int]]]:
    began = time.perf_counter()
    outputs: Sequence[list[int]] = decoder.decode(sources, search, setting)
    return time.perf_counter() - began, list(outputs)
