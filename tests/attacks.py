"""Programs that want to pass without being right, or to do harm, and honest ones that only look odd.

All attacks face `CHECKS`, whose answers nothing but the checks hold.
"""

from pathlib import Path

CHECKS = """
def check(candidate):
    assert candidate(7) == "amber-4219", "the first answer is wrong"
    assert candidate(8) == "cobalt-1733"
    assert candidate([1, 2]) == {"umber": (1, 2)}

check(f)
"""
RIGHT = """
def f(x):
    if x == 7: return "amber-4219"
    if x == 8: return "cobalt-1733"
    return {"umber": (1, 2)}
"""

_FOLDER = Path(__file__).parent / "sandbox"
_BREAKS_THE_PARSER = {
    "has a null byte": "def f(x): return 1\n\0",
    "nests its own text": "def f(x): return " + "(" * 5000 + ")" * 5000,
}


def _sections(text: str, mark: str) -> list[tuple[str, str]]:
    """What stands under each line that begins with `mark`."""
    found = []
    for part in f"\n{text}".split(f"\n{mark} ")[1:]:
        name, _, body = part.partition("\n")
        found.append((name, body.strip() + "\n"))
    return found


ATTACKS = [
    (kind, name, code)
    for kind, part in _sections((_FOLDER / "attacks.txt").read_text(encoding="utf-8"), "==")
    for name, code in _sections(part, "--")
] + [("break the parser", name, code) for name, code in _BREAKS_THE_PARSER.items()]

_PARTS = _sections((_FOLDER / "benign.txt").read_text(encoding="utf-8"), "--")
BENIGN = {name: (code, checks) for (name, code), (_, checks) in zip(_PARTS[::2], _PARTS[1::2], strict=True)}
