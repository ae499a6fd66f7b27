"""Lengthwise beside its peers at translation: `python benchmarks/translation.py speed|decode|quality [--json FILE]`."""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The workers import these packages by name, whatever the directory that this file was started from.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", type=Path, help="write the result here too")
    shared.add_argument("--threads", type=int, default=2)
    shared.add_argument("--only", help="names of what to run, separated by semicolons")
    modes = root.add_subparsers(dest="mode", required=True)
    speed = modes.add_parser("speed", parents=[shared], help="training tokens per second and memory, in turns")
    speed.add_argument("--rounds", type=int, default=12)
    speed.add_argument("--steps", type=int, default=10, help="of one trainer in one round")
    speed.add_argument("--vocab", type=int, default=8000)
    speed.add_argument("--dropout", type=float, default=0.0)
    speed.add_argument("--batch-tokens", type=int, default=4096, help="padded positions, both sides together")
    speed.add_argument("--batches", default="", help="a file of (inputs, targets) instead of the prepared problem")
    decode = modes.add_parser("decode", parents=[shared], help="beam search: sentences per second, equal outputs, BLEU")
    decode.add_argument(
        "--run", type=Path, help="a run of a post-norm Transformer on the problem; without it one is trained"
    )
    decode.add_argument("--sentences", type=int, default=500)
    decode.add_argument("--beam", type=int, default=4)
    decode.add_argument("--length-penalty", type=float, default=0.0, help="above 0 the peers' formulas differ")
    decode.add_argument("--rounds", type=int, default=3)
    decode.add_argument("--minutes", type=float, default=8.0, help="of training where no run is given")
    quality = modes.add_parser("quality", parents=[shared], help="BLEU after the same wall time")
    quality.add_argument("--minutes", type=float, default=8.0)
    quality.add_argument("--recipe", default="translation.demo")
    return root


def run_speed(options: argparse.Namespace) -> dict[str, object]:
    """Mode `speed`."""
    from benchmarks import speed
    from benchmarks.corpus import PROBLEM
    from benchmarks.peers.trainer import Size
    from benchmarks.turns import Plan

    plan = Plan(batches_file=options.batches, steps=options.steps, rounds=options.rounds, num_threads=options.threads)
    size = Size(vocab=options.vocab, dropout=options.dropout)
    return speed.measure(
        _chosen(options, speed.DEFAULT, tuple(speed.TRAINERS)), PROBLEM, size, plan, options.batch_tokens
    )


def run_decode(options: argparse.Namespace) -> dict[str, object]:
    """Mode `decode`."""
    from benchmarks import decode
    from benchmarks.peers.decoder import Search

    names = _chosen(options, decode.DEFAULT, decode.DEFAULT)
    search = Search(beam=options.beam, length_penalty=options.length_penalty)
    effort = decode.Effort(options.sentences, options.rounds, options.threads)
    with tempfile.TemporaryDirectory() as folder:
        run = options.run or decode.train_run(Path(folder) / "run", options.minutes, options.threads)
        return decode.measure(names, run, search, effort)


def run_quality(options: argparse.Namespace) -> dict[str, object]:
    """Mode `quality`."""
    from benchmarks import quality

    names = _chosen(options, quality.CONTENDERS, quality.CONTENDERS)
    terms = quality.Terms(minutes=options.minutes, num_threads=options.threads, recipe=options.recipe)
    return quality.compare(names, terms)


def _chosen(options: argparse.Namespace, default: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(options.only.split(";")) if options.only else default
    for name in names:
        if name not in known:
            raise SystemExit(f"`--only` must name some of {', '.join(known)}, but has {name!r}.")
    return names


def main() -> None:
    """Run the mode asked for and write its result."""
    options = parser().parse_args()
    result = {"speed": run_speed, "decode": run_decode, "quality": run_quality}[options.mode](options)
    from benchmarks import table

    table.write(options.json, result)


if __name__ == "__main__":
    main()
