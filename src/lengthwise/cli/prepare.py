"""`lengthwise prepare`: fetch, split and encode a problem's data."""

from typing import TYPE_CHECKING, Annotated

import typer

from lengthwise.cli.progress import progress
from lengthwise.cli.words import split

if TYPE_CHECKING:
    from lengthwise.data.prepare import Engine


def command(
    words: Annotated[list[str], typer.Argument(metavar="PROBLEM [data.x=value]...", show_default=False)],
    engine: Annotated[str, typer.Option("--engine", help="local, or ray: encode on a Ray cluster.")] = "local",
) -> None:
    """Prepare a problem's data; instant where it was prepared before."""
    from lengthwise import catalog, config
    from lengthwise.data.prepare import prepare

    name, changes = split(words)
    if name is None:
        raise ValueError("A problem must be named. `lengthwise list problems` shows them.")
    if wrong := [path for path in changes if not path.startswith("data.")]:
        raise ValueError(f"`{wrong[0]}` must be a `data.` parameter, such as `data.vocabulary_size=8000`.")
    function = catalog.find("problems", name)
    given = {path.removeprefix("data."): value for path, value in changes.items()}
    parameters = config.arguments(function, given, "data.")
    with progress() as report:
        problem = function(**parameters)
        prepared = prepare(name, problem, parameters, report=report, engine=_engine(engine))
    for each, figures in prepared.manifest["splits"].items():
        counts = {key: value for key, value in figures.items() if isinstance(value, int)}
        print(f"{each:<12}" + "  ".join(f"{key} {value:,}" for key, value in counts.items()))
    for reason, rows in prepared.manifest["rejected"].items():
        print(f"left out    {rows['count']:,} x {reason} (such as {', '.join(rows['first'][:2])})")
    print(prepared.path)


def _engine(name: str) -> "Engine":
    if name == "local":
        return map
    if name == "ray":
        from lengthwise.launch.on_ray import spread

        return spread
    raise ValueError(f"`--engine` must be local or ray, but is `{name}`.")
