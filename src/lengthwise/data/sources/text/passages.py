"""Long texts as rows of bounded size."""

from collections.abc import Iterator

from lengthwise.contracts import Example

MAX_CHARACTERS = 50_000
"""Of a row: below what a broken file looks like, and enough rows to encode side by side."""


def passages(text: str, document: str, split: str | None = None) -> Iterator[Example]:
    """A text as rows of one document, cut behind the last line end that fits, if there is one."""
    begin = 0
    while begin < len(text):
        end = begin + MAX_CHARACTERS
        if end < len(text):
            end = text.rfind("\n", begin, end) + 1 or end
        passage = text[begin:end]
        if not passage.isspace():
            yield {"targets": passage, "document": document, "split": split, "where": document}
        begin = end
