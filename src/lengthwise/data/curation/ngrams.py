"""Words of a text and the n-grams they form: what duplicates, repetitions and contamination are counted in."""

import re
from collections.abc import Sequence

WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"  # scripts without spaces: every sign is a word
    r"|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)

Words = Sequence[str]


def words_of(text: str) -> list[str]:
    """Runs of letters, digits and underscores without case; of Chinese and Japanese, every sign."""
    return WORD.findall(text.casefold())


def ngrams_of(words: Words, size: int) -> list[str]:
    """All runs of `size` words, one for each place; none where there are fewer words."""
    return list(map(" ".join, zip(*(words[begin:] for begin in range(size)), strict=False)))
