"""Stories read back: a reader that knows the sentences, and nothing of how stories are made."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from lengthwise.data.sources.generated.stories import sentences
from lengthwise.data.sources.generated.stories.sentences import SENTENCES


@dataclass(frozen=True)
class Said:
    """A sentence: which act, of what, in which of its forms."""

    act: str
    names: dict[str, str]
    form: str

    def __getitem__(self, name: str) -> str:
        return self.names[name]


def any_of(options: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, options), key=len, reverse=True))


PERSON = f"(?:{any_of(sentences.PEOPLE)})"
PATTERNS = {
    "who": f"{PERSON}(?: and {PERSON})?|she|he|they",
    "whom": PERSON,
    "thing": any_of(sentences.THINGS),
    "place": any_of(sentences.PLACES),
    "other": any_of((*sentences.PLACES, *sentences.BLOCKS)),
    "direction": any_of(sentences.COMPASS),
    "side": any_of(sentences.SIDES),
    "block": any_of(sentences.BLOCKS),
    "small": any_of(sentences.CONTAINERS),
    "large": any_of(sentences.CONTAINERS),
    "species": any_of(sentences.SPECIES),
    "enemies": any_of(sentences.SPECIES),
    "colour": any_of(sentences.COLOURS),
    "day": any_of(sentences.DAYS),
    "need": any_of(sentences.NEEDS),
}


def pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", form)
    return re.compile("".join(f"(?P<{p}>{PATTERNS[p]})" if i % 2 else re.escape(p) for i, p in enumerate(parts)))


FORMS = [(act, form, pattern(form)) for act, forms in SENTENCES.items() for form in forms]


def understand(sentence: str) -> Said:
    found = [Said(act, match.groupdict(), form) for act, form, p in FORMS if (match := p.fullmatch(sentence))]
    assert len(found) == 1, (sentence, found)
    return found[0]


def read_back(inputs: str) -> tuple[list[Said], Said]:
    """The facts of a story in the order told, and its question."""
    *facts, question = [understand(part.strip()) for part in re.findall(r"[^.?]+[.?]", inputs)]
    assert question.act.startswith("ask") and not any(fact.act.startswith("ask") for fact in facts)
    return facts, question


@pytest.fixture
def read() -> Callable[[str], tuple[list[Said], Said]]:
    """Inputs -> (facts, question)."""
    return read_back
