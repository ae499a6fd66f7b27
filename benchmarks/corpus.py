"""The prepared problem that all peers share: token batches, sentences to decode, BLEU of what came out."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from lengthwise import catalog
from lengthwise.data.batching import BatchConfig
from lengthwise.data.loader import Loader
from lengthwise.data.order import Order
from lengthwise.data.prepare import prepare
from lengthwise.data.prepared import Prepared
from lengthwise.metrics.bleu import bleu

PROBLEM = "translation.libreoffice_en_de"


@dataclass(frozen=True)
class Sentences:
    """Rows of one split: the sources as text and as ids closed by `EOS`, and the raw references."""

    texts: list[str]
    sources: list[list[int]]
    references: list[str]


@dataclass(frozen=True)
class Corpus:
    """A prepared problem with the order of its batches."""

    prepared: Prepared
    batch_tokens: int = 4096
    seed: int = 0

    @property
    def vocab(self) -> int:
        """Size of the vocabulary that both sides share."""
        return self.prepared.features.targets.size

    @cached_property
    def loader(self) -> Loader:
        """The batches that `lengthwise train` would make."""
        train = self.prepared.split("train")
        config = BatchConfig(tokens=self.batch_tokens)
        return Loader(train, Order(train.input_lengths, train.target_lengths, config, self.seed))

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """The padded `(inputs, targets)` of a global batch."""
        batch = self.loader.batch(step)
        assert batch.inputs is not None
        return batch.inputs, batch.targets

    def sentences(self, split: str, count: int | None = None) -> Sentences:
        """The first `count` rows of a split, or all."""
        rows = self.prepared.split(split)
        chosen = range(len(rows) if count is None else min(count, len(rows)))
        texts, references = zip(*(rows.texts(row) for row in chosen), strict=True)
        return Sentences(list(texts), [rows.tokens(row)[0].tolist() for row in chosen], list(references))

    def bleu(self, outputs: list[list[int]], sentences: Sentences) -> float:
        """SacreBLEU of decoded ids against the raw references."""
        hypotheses = [self.prepared.targets.decode(output) for output in outputs]
        return bleu(hypotheses, sentences.references).value


def open_corpus(problem: str = PROBLEM, vocab: int = 8000, batch_tokens: int = 4096) -> Corpus:
    """Prepare the problem, or open what was prepared before."""
    parameters = {"vocabulary_size": vocab}
    declared = catalog.find("problems", problem)(**parameters)
    return Corpus(prepare(problem, declared, parameters, report=_report), batch_tokens)


def save_batches(corpus: Corpus, count: int, path: str) -> None:
    """Write the first `count` batches for the workers."""
    torch.save([corpus.batch(step) for step in range(count)], path)


def save_rows(corpus: Corpus, count: int, length: int, batch_tokens: int, path: str) -> None:
    """Write batches of target rows without padding: sentences one after the other, cut every `length` tokens."""
    train, size = corpus.prepared.split("train"), batch_tokens // length * length
    tokens = torch.cat([torch.from_numpy(train.tokens(row)[1].astype("int64")) for row in range(len(train))])
    rows = tokens[: len(tokens) // size * size].view(-1, batch_tokens // length, length)
    nothing = torch.zeros(rows.shape[1], 0, dtype=torch.long)
    torch.save([(nothing, rows[number % len(rows)].clone()) for number in range(count)], path)


def _report(what: str, done: int, total: int | None) -> None:
    if total is None or done == total:
        print(f"{what}: {done:,}", flush=True)
