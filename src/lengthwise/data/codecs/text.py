"""Text ↔ subwords: byte-level BPE, so that every string comes back exactly."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, SupportsInt

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from lengthwise.contracts import EOS, PAD, START, Feature
from lengthwise.data.codecs.codec import Codec

SPECIALS = ("<pad>", "<eos>", "<start>")
# Words, numbers, punctuation and white space never share a token, so no merge crosses a word; digits go alone, so that
# a number's tokens don't depend on which numbers the training text held.
WORDS = r" ?[\p{L}\p{M}]+| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]+|\s+(?!\S)|\s+"


@dataclass(frozen=True)
class Subwords(Codec):
    """Byte-level BPE of at most `size` tokens, PAD, EOS and START among them."""

    size: int = 8000
    tokenizer: Tokenizer | None = field(default=None, repr=False, compare=False)
    digest: str = ""
    """Of the learned vocabulary; empty before `fit`."""

    pattern: ClassVar[str] = WORDS
    """What no token reaches beyond."""
    is_spaced: ClassVar[bool] = True
    """Whether the first word of a text is read as if a space stood before it."""
    marks: ClassVar[tuple[str, ...]] = ()
    """Characters that are a token each, behind the specials."""

    def __post_init__(self) -> None:
        specials = len(SPECIALS) + len(self.marks)
        if self.size < 256 + specials:
            raise ValueError(
                f"`size` must be at least {256 + specials} (256 bytes and {specials} specials), but is {self.size}."
            )

    @property
    def is_fitted(self) -> bool:
        return self.tokenizer is not None

    @property
    def feature(self) -> Feature:
        return Feature(size=self.size if self.tokenizer is None else self.tokenizer.get_vocab_size())

    def fit(self, texts: Iterator[str]) -> "Subwords":
        tokenizer = self._untrained()
        trainer = trainers.BpeTrainer(
            vocab_size=self.size,
            min_frequency=2,
            show_progress=False,
            special_tokens=[*SPECIALS, *self.marks],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        )
        tokenizer.train_from_iterator(_chunks(texts), trainer)
        state = json.loads(tokenizer.to_str())
        # An added token is found in raw text: without the list, the text "<eos>" is five ordinary characters.
        state["added_tokens"] = [each for each in state["added_tokens"] if each["content"] in self.marks]
        return self._with(json.dumps(state, ensure_ascii=False))

    def encode(self, text: str) -> list[int]:
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        tokenizer = self._fitted()
        try:
            return [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]
        except (UnicodeEncodeError, TypeError):
            raise ValueError(_complaint(texts)) from None

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        kept = []
        for token in map(int, tokens):
            if token == EOS:
                break
            if token not in (PAD, START):
                kept.append(token)
        text = self._fitted().decode(kept, skip_special_tokens=False)
        return text.removeprefix(" ") if self.is_spaced else text

    def save(self, path: Path) -> None:
        content = {"type": self.type_name(), "size": self.size, "tokenizer": json.loads(self._fitted().to_str())}
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Subwords":
        try:
            return cls.from_state(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"`{path}` must be a saved Subwords codec, but can't be read as one ({error}).") from None
        except Exception as error:  # tokenizers raises bare Exception for JSON that isn't a tokenizer's
            if type(error) is not Exception:
                raise
            raise ValueError(f"`{path}` must be a saved Subwords codec, but can't be read as one ({error}).") from None

    @classmethod
    def from_state(cls, content: Any) -> "Subwords":
        """What `save` wrote, read already."""
        return cls(content["size"])._with(json.dumps(content["tokenizer"], ensure_ascii=False))

    def _with(self, state: str) -> "Subwords":
        return type(self)(self.size, Tokenizer.from_str(state), hashlib.sha256(state.encode()).hexdigest()[:16])

    def _fitted(self) -> Tokenizer:
        if self.tokenizer is None:
            raise ValueError("`Subwords` must be fitted before use, but is not. Call `fit` or `load`.")
        return self.tokenizer

    def _untrained(self) -> Tokenizer:
        tokenizer = Tokenizer(models.BPE())
        if self.is_spaced:
            # The first word of a text gets the space that all others have; `decode` takes it away again.
            tokenizer.normalizer = normalizers.Prepend(" ")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(self.pattern), behavior="isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer


def _chunks(texts: Iterator[str], size: int = 1000) -> Iterator[list[str]]:
    texts = iter(texts)
    while chunk := list(islice(texts, size)):
        yield chunk


def _complaint(texts: Sequence[str]) -> str:
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            return f"`texts` must be strings, but row {row} is {type(text).__name__}."
        try:
            text.encode()
        except UnicodeEncodeError:
            return f"`texts` must be valid Unicode, but row {row} holds a lone surrogate: {text[:40]!r}."
    return "`texts` must be strings, but could not be encoded."
