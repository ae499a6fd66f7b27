"""Several sources as one: the rows of each marked with whose they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected, Report, Source


@dataclass(frozen=True, kw_only=True)
class Mixed(Source):
    """Inputs begin with the name of their problem, so that a model knows what is asked for: `name: text`."""

    sources: Mapping[str, Source]
    name: str = field(init=False, default="mixture")

    def __post_init__(self) -> None:
        if endless := [name for name, source in self.sources.items() if source.is_endless]:
            raise ValueError(
                f"`data.problems` must be problems with rows of their own to train on, but `{endless[0]}` computes "
                "them. Leave it out."
            )

    @property
    def licence(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Of all of them."""
        return "; ".join(sorted({source.licence for source in self.sources.values()}))

    def fetch(self, report: Report | None = None) -> None:
        """Fetch each."""
        for source in self.sources.values():
            source.fetch(report)

    def checksums(self) -> dict[str, str]:
        """Those of each, under its name."""
        return {
            f"{name}/{file}": checksum
            for name, source in self.sources.items()
            for file, checksum in source.checksums().items()
        }

    def code(self) -> Iterable[object]:
        """That of each."""
        for source in self.sources.values():
            yield type(source)
            yield from source.code()

    def read(self) -> Iterator[Example | Rejected]:
        """The rows of each, one source after the other."""
        for name, source in self.sources.items():
            for row in source.read():
                if isinstance(row, Rejected):
                    yield row
                    continue
                document = row.get("document")
                named = {"inputs": marked(name, str(row.get("inputs", ""))), "part": name}
                yield {**row, **named, "document": None if document is None else f"{name}/{document}"}


def marked(name: str, inputs: str) -> str:
    """What a model of a mixture reads for an input of this problem."""
    return f"{name}: {inputs}"
