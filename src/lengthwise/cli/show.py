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
    from lengthwise.run import experiment_of, longest_batch_of, nominal_features, problem_of, resolved

    recipe, changes = split(words)
    experiment = resolved(experiment_of(recipe, problem, model, changes))
    features = nominal_features(experiment)
    for path, (value, _) in config.differences(experiment, {}).items():
        print(f"{path} = {'none' if value is None else value}")
    is_computed = problem_of(experiment).source.is_endless
    groups = longest_batch_of(experiment, None if is_computed else 32)
    machine = runtime.resolve(experiment.device, experiment.precision)
    counted = [cost(experiment.model, features, *group, machine.compute_dtype) for group in groups]
    flops, activation_bytes = sum(each.flops for each in counted), sum(each.activation_bytes for each in counted)
    batch = " + ".join(f"{rows} rows of {length} + {length} tokens" for rows, length in groups)
    steps = experiment.train.accumulate
    print()
    print(f"parameters      {counted[0].num_parameters:,} ({counted[0].num_embedding_parameters:,} of them embeddings)")
    print(f"FLOPs per step  {steps * flops / 1e9:,.1f} G ({batch} x {steps})")
    sizes = f"{_size(counted[0].state_bytes)} weights, gradients and moments; {_size(activation_bytes)} activations"
    print(f"memory          {sizes}")
    print(f"machine         {machine.device.type}, {experiment.precision}")


def _size(num_bytes: int) -> str:
    return f"{num_bytes / 2**20:,.0f} MiB"
