import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import SupportsInt

import pytest

from lengthwise.contracts import Feature
from lengthwise.data.codecs.codec import Codec, load_codec


class Letters(Codec):
    """From outside the package: the alphabet."""

    def fit(self, texts: Iterator[str]) -> "Letters":
        return self

    @property
    def is_fitted(self) -> bool:
        return True

    @property
    def feature(self) -> Feature:
        return Feature(size=30)

    def encode(self, text: str) -> list[int]:
        return [ord(letter) - ord("a") + 3 for letter in text]

    def decode(self, tokens: Iterable[SupportsInt]) -> str:
        return "".join(chr(int(token) + ord("a") - 3) for token in tokens)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps({"type": self.type_name()}))

    @classmethod
    def load(cls, path: Path) -> "Letters":
        return cls()


def test_a_codec_from_outside_is_found_by_its_imported_module(tmp_path: Path):
    Letters().save(tmp_path / "codec.json")
    assert load_codec(tmp_path / "codec.json").encode_batch(["ab", ""]) == [[3, 4], []]


@pytest.mark.parametrize(
    "name", ["os:system", "subprocess:Popen", "not_imported_yet:Codec", "lengthwise.data.codecs.text:x", "", ":"]
)
def test_a_file_may_not_name_anything_but_a_codec(tmp_path: Path, name):
    (tmp_path / "codec.json").write_text(json.dumps({"type": name}))
    with pytest.raises(ValueError, match="which is not known"):
        load_codec(tmp_path / "codec.json")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"type": 3}', "3"])
def test_a_file_without_a_type_is_a_clear_error(tmp_path: Path, content):
    (tmp_path / "codec.json").write_text(content)
    with pytest.raises(ValueError, match="must be a saved codec"):
        load_codec(tmp_path / "codec.json")
