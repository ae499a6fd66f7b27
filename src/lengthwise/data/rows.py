"""The first pass over a source: examples become rows, bad ones and exact copies are left out."""

from dataclasses import dataclass
from hashlib import sha256

from lengthwise.contracts import Example
from lengthwise.data.blob import Blob
from lengthwise.data.problem import Problem, Rejected, Report
from lengthwise.data.rejections import Rejections
from lengthwise.data.sources.mixed import marked

SPLITS = ("train", "validation", "test")
# A side above this is not a sentence but a broken file: a missing line end, a binary blob.
MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A clean example on its way to a split."""

    inputs: str | Blob
    """Empty where the problem has no inputs."""
    targets: str | Blob
    document: str | None = None
    split: str | None = None
    """Where the source fixes it."""
    where: str = ""
    """File and row."""
    part: str | None = None
    """Of the problem, where it has parts."""
    digests: tuple[str, str] = ("", "")
    """Of the bytes of inputs and targets that are no text."""
    are_labels: tuple[bool, bool] = (False, False)
    """Whether inputs and targets are classes, which many rows share."""

    @property
    def compared(self) -> tuple[str, str]:
        """Both sides as texts that are equal where the sides are; a class says nothing."""
        inputs = str(self.inputs)
        if self.part is not None:
            # Two problems of a mixture may ask different things of the same text.
            inputs = inputs.removeprefix(marked(self.part, ""))
        sides = self.digests[0] or inputs, self.digests[1] or str(self.targets)
        return "" if self.are_labels[0] else sides[0], "" if self.are_labels[1] else sides[1]


def read_rows(problem: Problem, rejections: Rejections, report: Report) -> list[Row]:
    """All usable rows in the source's order, each pair once.

    Raises ValueError where more than 5 % of the rows are bad, naming the first, or where none is usable.
    """
    source = problem.source
    rows: dict[tuple[str | None, str, str], Row] = {}
    codecs = (problem.inputs, problem.targets)
    are_labels = tuple(codec is not None and codec.feature.modality == "label" for codec in codecs)
    number = 0
    for number, item in enumerate(source.read(), start=1):
        row = _checked(item, f"{source.name}, row {number}", problem.inputs is not None, are_labels)
        if isinstance(row, Rejected):
            rejections.add(row)
        elif (pair := (row.part, row.compared[0], row.digests[1] or str(row.targets))) in rows:
            rejections.add(Rejected(reason="copy of another pair", where=row.where, is_bad=False))
        else:
            rows[pair] = row
        if number % 1000 == 0:
            report("reading", number, None)
    report("reading", number, number)
    rejections.check(number)
    if not rows:
        raise ValueError(f"`{source.name}` must have usable rows, but has none in {number:,}.{rejections.hint()}")
    return list(rows.values())


def _checked(item: Example | Rejected, place: str, has_inputs: bool, are_labels: tuple[bool, ...]) -> Row | Rejected:
    if isinstance(item, Rejected):
        return item
    where = str(item.get("where") or place)
    sides = (item.get("inputs") if has_inputs else "", item.get("targets"))
    digests = ["", ""]
    for number, (name, side) in enumerate(zip(("inputs", "targets"), sides, strict=True)):
        if isinstance(side, Blob):
            try:
                digests[number] = sha256(side.read()).hexdigest()
            except (OSError, ValueError):
                return Rejected(reason=f"{name}: can't be read", where=where)
        elif (has_inputs or name == "targets") and (fault := _fault(side)):
            return Rejected(reason=f"{name}: {fault}", where=where)
    split, document, part = item.get("split"), item.get("document"), item.get("part")
    if split is not None and split not in SPLITS:
        return Rejected(reason=f"split is none of {', '.join(SPLITS)}", where=where)
    inputs, targets = (side if isinstance(side, Blob) else str(side) for side in sides)
    return Row(
        inputs=inputs,
        targets=targets,
        document=None if document is None else str(document),
        split=None if split is None else str(split),
        where=where,
        part=None if part is None else str(part),
        digests=(digests[0], digests[1]),
        are_labels=(are_labels[0], are_labels[1]),
    )


def _fault(text: object) -> str | None:
    if not isinstance(text, str):
        return "not a text"
    if not text or text.isspace():
        return "empty"
    if len(text) > MAX_CHARACTERS:
        return f"over {MAX_CHARACTERS:,} characters"
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "not valid Unicode"
    return None
