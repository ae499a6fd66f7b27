from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from lengthwise.data.curation.filter import Limits
from lengthwise.data.problem import Rejected, Report
from lengthwise.data.sources.cache import Cached
from lengthwise.data.sources.parallel.corpus import ParallelCorpus
from lengthwise.data.sources.parallel.reader import Pair, ParallelReader


@dataclass(frozen=True)
class Nothing(Cached):
    def fetch(self, report: Report | None = None) -> None: ...

    def checksums(self) -> dict[str, str]:
        return {"file": "abc"}


@dataclass(frozen=True)
class Given(ParallelReader):
    name: ClassVar[str] = "given"
    licence: ClassVar[str] = "public domain"
    rows: tuple[Pair, ...] = ()

    @property
    def material(self) -> Nothing:
        return Nothing()

    def pairs(self) -> Iterator[Pair]:
        return iter(self.rows)


ROWS = (Pair("given/a", "The  dog\u00ad runs home.", "Der Hund läuft heim."), Pair("given/b", "Dog", "Hund"))


def corpus(**changes) -> ParallelCorpus:
    reader = Given("de", rows=ROWS)
    return ParallelCorpus(**({"readers": (reader,), "limits": Limits(min_words=4)} | changes))


def test_good_pairs_are_tidy_and_others_rejected_without_being_bad():
    good, poor = corpus().read()
    assert good == {
        "inputs": "The dog runs home.",
        "targets": "Der Hund läuft heim.",
        "document": "given/a",
        "where": "given/a",
    }
    assert poor == Rejected(reason="fewer than 4 words", where="given/b", is_bad=False)


def test_the_other_direction_has_the_same_pairs_turned_around():
    turned = corpus(is_from_english=False)
    good = next(turned.read())
    assert not isinstance(good, Rejected) and good["inputs"] == "Der Hund läuft heim." and good["document"] == "given/a"
    assert (corpus().name, turned.name) == ("given en-de", "given de-en")


def test_readers_are_joined_with_their_checksums_and_licences():
    both = corpus(readers=(Given("de", rows=ROWS[:1]), Given("de", rows=ROWS[:1])))
    both.fetch()
    assert len(list(both.read())) == 2
    assert both.checksums() == {"given/file": "abc"}
    assert both.licence == "given: public domain; given: public domain"
