"""Language modelling: text that is to be continued, by bytes or by subwords, in pieces of `max_length` tokens."""

from typing import Literal

from lengthwise.data.codecs.bytes import Bytes
from lengthwise.data.codecs.codec import Codec
from lengthwise.data.codecs.text import Subwords
from lengthwise.data.problem import Problem, Source
from lengthwise.data.sources.curated import Curated
from lengthwise.data.sources.files import paths_of
from lengthwise.data.sources.text.files import TextFiles
from lengthwise.data.sources.text.kernel_documentation import KernelDocumentation
from lengthwise.data.sources.text.python_source import StandardLibrary
from lengthwise.data.sources.text.wikipedia import WikipediaLeads

Level = Literal["bytes", "subwords"]


def wikipedia(*, level: Level = "bytes", vocabulary_size: int = 8000, max_length: int = 512) -> Problem:
    """Titles and first paragraphs of 66,000 Wikipedia articles: 36 MB."""
    return _problem(WikipediaLeads(), level, vocabulary_size, max_length)


def linux_doc(*, level: Level = "bytes", vocabulary_size: int = 8000, max_length: int = 1024) -> Problem:
    """The Linux kernel's documentation: 28 MB in long documents."""
    return _problem(KernelDocumentation(), level, vocabulary_size, max_length)


def python(*, level: Level = "bytes", vocabulary_size: int = 8000, max_length: int = 1024) -> Problem:
    """Python's standard library: 30 MB of programs."""
    return _problem(StandardLibrary(), level, vocabulary_size, max_length)


def files(
    *,
    source: str | list[str],
    ending: str = "",
    column: str = "text",
    level: Level = "bytes",
    vocabulary_size: int = 8000,
    max_length: int = 512,
    is_curated: bool = False,
) -> Problem:
    """Your own texts: files, folders (of files with an `ending`), records with a `column` of text, or hub:owner/name.

    `is_curated`: whether texts are cleaned first, as `lengthwise curate` does where it is told nothing else.
    """
    files = TextFiles(paths_of(source), ending, column)
    return _problem(Curated(files) if is_curated else files, level, vocabulary_size, max_length)


def _problem(source: Source, level: Level, vocabulary_size: int, max_length: int) -> Problem:
    codec: Codec = Bytes() if level == "bytes" else Subwords(size=vocabulary_size)
    return Problem(
        source=source, inputs=None, targets=codec, max_length=max_length, is_cut=True, licence=source.licence
    )
