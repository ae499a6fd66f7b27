"""Problems of several sources as one source."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lengthwise.contracts import Example
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.joined import Joined


@dataclass(frozen=True, kw_only=True)
class Mixed(Joined):
    """Inputs begin with the name of their problem, so that a model knows what is asked for: `name: text`."""

    name: str = field(init=False, default="mixture")

    def __post_init__(self) -> None:
        if endless := [name for name, source in self.sources.items() if source.is_endless]:
            raise ValueError(
                f"`data.problems` must be problems with rows of their own to train on, but `{endless[0]}` computes "
                "them. Leave it out."
            )

    def read(self) -> Iterator[Example | Rejected]:
        """The rows of each, one source after the other."""
        for row in super().read():
            if isinstance(row, Rejected):
                yield row
            else:
                yield {**row, "inputs": marked(str(row["part"]), str(row.get("inputs", "")))}


def marked(name: str, inputs: str) -> str:
    """What a model of a mixture reads for an input of this problem."""
    return f"{name}: {inputs}"
