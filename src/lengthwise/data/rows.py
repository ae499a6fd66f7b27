"""The first pass over a source: examples become rows, bad ones and exact copies are left out."""

from dataclasses import dataclass

from lengthwise.contracts import Example
from lengthwise.data.problem import Problem, Rejected, Report
from lengthwise.data.rejections import Rejections

SPLITS = ("train", "validation", "test")
# A side above this is not a sentence but a broken file: a missing line end, a binary blob.
MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A clean example on its way to a split."""

    inputs: str
    """Empty where the problem has no inputs."""
    targets: str
    document: str | None = None
    split: str | None = None
    """Where the source fixes it."""
    where: str = ""
    """File and row."""
    part: str | None = None
    """Of the problem, where it has parts."""


def read_rows(problem: Problem, rejections: Rejections, report: Report) -> list[Row]:
    """All usable rows in the source's order, each pair once.

    Raises ValueError where more than 5 % of the rows are bad, naming the first, or where none is usable.
    """
    source = problem.source
    rows: dict[tuple[str, str], Row] = {}
    number = 0
    for number, item in enumerate(source.read(), start=1):
        row = _checked(item, f"{source.name}, row {number}", has_inputs=problem.inputs is not None)
        if isinstance(row, Rejected):
            rejections.add(row)
        elif (pair := (row.inputs, row.targets)) in rows:
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


def _checked(item: Example | Rejected, place: str, *, has_inputs: bool) -> Row | Rejected:
    if isinstance(item, Rejected):
        return item
    where = str(item.get("where") or place)
    texts = {"inputs": item.get("inputs") if has_inputs else "", "targets": item.get("targets")}
    for side, text in texts.items():
        fault = None if side == "inputs" and not has_inputs else _fault(text)
        if fault:
            return Rejected(reason=f"{side}: {fault}", where=where)
    split, document, part = item.get("split"), item.get("document"), item.get("part")
    if split is not None and split not in SPLITS:
        return Rejected(reason=f"split is none of {', '.join(SPLITS)}", where=where)
    return Row(
        inputs=str(texts["inputs"]),
        targets=str(texts["targets"]),
        document=None if document is None else str(document),
        split=None if split is None else str(split),
        where=where,
        part=None if part is None else str(part),
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
