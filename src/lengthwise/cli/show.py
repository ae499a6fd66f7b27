"""`lengthwise show`: what a recipe comes to."""

from typing import Annotated

import typer

from lengthwise.cli.words import Words, split


def command(
    words: Words = None,
    problem: Annotated[str | None, typer.Option("--problem", help="In a recipe's place, with --model.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="file.preset, such as transformer.tiny.")] = None,
) -> None:
    """Show a recipe's resolved config, its parameters, memory and FLOPs per step."""
    from lengthwise import config, runtime
    from lengthwise.evaluation.cost import cost
    from lengthwise.run import experiment_of, nominal_features, resolved

    recipe, changes = split(words)
    experiment = resolved(experiment_of(recipe, problem, model, changes))
    features = nominal_features(experiment)
    for path, (value, _) in config.differences(experiment, {}).items():
        print(f"{path} = {'none' if value is None else value}")
    length = 32
    rows = max(1, experiment.batch.tokens // (2 * length))
    machine = runtime.resolve(experiment.device, experiment.precision)
    counted = cost(experiment.model, features, rows, length, machine.compute_dtype)
    steps = experiment.train.accumulate
    print()
    print(f"parameters      {counted.num_parameters:,} ({counted.num_embedding_parameters:,} of them embeddings)")
    print(f"FLOPs per step  {steps * counted.flops / 1e9:,.1f} G ({rows} rows of {length} + {length} tokens x {steps})")
    sizes = (
        f"{_size(counted.state_bytes)} weights, gradients and moments; {_size(counted.activation_bytes)} activations"
    )
    print(f"memory          {sizes}")
    print(f"machine         {machine.device.type}, {experiment.precision}")


def _size(num_bytes: int) -> str:
    return f"{num_bytes / 2**20:,.0f} MiB"
