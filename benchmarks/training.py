"""Training speed beside peers: `python benchmarks/training.py encoder-decoder|decoder|gpu [--json FILE]`.

`gpu` measures Lengthwise alone on one GPU: tokens a second and the share of the GPU's bf16 peak.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The workers import these packages by name, whatever the directory that this file was started from.
sys.path[:0] = [str(ROOT), str(ROOT / "src")]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", type=Path, help="write the result here too")
    turns = argparse.ArgumentParser(add_help=False)
    turns.add_argument("--threads", type=int, default=2)
    turns.add_argument("--rounds", type=int, default=8)
    turns.add_argument("--steps", type=int, default=5, help="of one trainer in one round")
    turns.add_argument("--only", help="names of what to run, separated by semicolons")
    turns.add_argument("--vocab", type=int, default=8000)
    turns.add_argument("--layers", type=int, default=6, help="of the decoder, half of them where there is an encoder")
    turns.add_argument("--width", type=int, default=384)
    turns.add_argument("--heads", type=int, default=6)
    turns.add_argument("--batch-tokens", type=int, default=4096)
    modes = root.add_subparsers(dest="mode", required=True)
    modes.add_parser("encoder-decoder", parents=[shared, turns], help="beside Hugging Face and torch.nn.Transformer")
    decoder = modes.add_parser("decoder", parents=[shared, turns], help="beside Hugging Face, x-transformers, plain")
    decoder.add_argument("--length", type=int, default=256, help="tokens a row")
    gpu = modes.add_parser("gpu", parents=[shared], help="share of the peak on one GPU")
    gpu.add_argument("--model", choices=("decoder", "encoder-decoder"), default="decoder")
    gpu.add_argument("--rows", type=int, default=16)
    gpu.add_argument("--length", type=int, default=2048)
    gpu.add_argument("--steps", type=int, default=30)
    gpu.add_argument("--no-compile", action="store_true")
    return root


def run_turns(options: argparse.Namespace) -> dict[str, object]:
    """Both modes that take turns."""
    from benchmarks import speed
    from benchmarks.corpus import PROBLEM
    from benchmarks.peers.trainer import Size
    from benchmarks.turns import Plan

    is_decoder = options.mode == "decoder"
    known = speed.LANGUAGE_MODELS if is_decoder else speed.TRAINERS
    names = speed.DEFAULT_LANGUAGE_MODELS if is_decoder else speed.DEFAULT
    if options.only:
        names = tuple(options.only.split(";"))
        if unknown := [name for name in names if name not in known]:
            raise SystemExit(f"`--only` must name some of {', '.join(known)}, but has {unknown}.")
    plan = Plan(steps=options.steps, rounds=options.rounds, num_threads=options.threads)
    size = Size(
        vocab=options.vocab,
        d_model=options.width,
        d_ff=4 * options.width,
        num_heads=options.heads,
        num_encoder_layers=options.layers // 2,
        num_decoder_layers=options.layers // 2,
    )
    if not is_decoder:
        return speed.measure(names, PROBLEM, size, plan, options.batch_tokens)
    size = replace(size, num_decoder_layers=options.layers)
    return speed.measure_language_models(names, PROBLEM, size, plan, options.batch_tokens, options.length)


def main() -> None:
    """Run the mode asked for and write its result."""
    options = parser().parse_args()
    from benchmarks import gpu, table

    result = gpu.measure(options) if options.mode == "gpu" else run_turns(options)
    table.write(options.json, result)


if __name__ == "__main__":
    main()
