"""A prepared data set: fitted codecs, splits and manifest, opened from its directory alone."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lengthwise.contracts import Features
from lengthwise.data.codecs.codec import Codec, load_codec
from lengthwise.data.shards import Split

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Prepared:
    """What `prepare` wrote; opens files only when asked for them."""

    path: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> "Prepared":
        """Read the manifest; ValueError where the directory is not a prepared data set."""
        try:
            return cls(path, json.loads((path / MANIFEST).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(
                f"`{path}` must be a prepared data set, but is not ({reason}). Delete it and prepare again."
            ) from None

    @property
    def codec_files(self) -> dict[str, str]:
        """File name of each side's codec; a shared one is one file."""
        return self.manifest["codecs"]

    @cached_property
    def targets(self) -> Codec:
        """The fitted codec of the targets."""
        return load_codec(self.path / self.codec_files["targets"])

    @cached_property
    def inputs(self) -> Codec | None:
        """The fitted codec of the inputs: the same object as `targets` where the vocabulary is shared."""
        name = self.codec_files.get("inputs")
        if name is None or name == self.codec_files["targets"]:
            return self.targets if name else None
        return load_codec(self.path / name)

    @property
    def features(self) -> Features:
        """What a model must know of the problem."""
        inputs, growth = self.inputs, self.manifest.get("growth")
        return Features(
            inputs=None if inputs is None else inputs.feature,
            targets=self.targets.feature,
            is_shared=inputs is self.targets,
            growth=None if growth is None else (growth[0], growth[1]),
            places=self.manifest.get("places"),
        )

    def split(self, name: str) -> Split:
        """The rows of `train`, `validation` or `test`."""
        splits = self.manifest["splits"]
        if name not in splits:
            raise ValueError(f"`split` must be one of {', '.join(splits)}, but is {name!r}.")
        return Split(self.path, splits[name]["files"])
