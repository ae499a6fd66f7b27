"""Functions of Python's standard library as problems: the docstring is the prompt, what they do is the test."""

import inspect
from importlib import import_module
from typing import Any

from lengthwise.data.sources.text.code_problems import CodeProblem

SEEDS: dict[str, list[tuple[Any, ...]]] = {
    "base64.b32encode": [(b"",), (b"hello",), (b"\0\xff",)],
    "base64.b64encode": [(b"",), (b"hello",), (b"\0\xff",)],
    "base64.b85encode": [(b"",), (b"hello",), (b"\0\xff\0\0\0",)],
    "bisect.bisect_left": [([1, 3, 5], 3), ([1, 3, 5], 4), ([1, 1, 2, 2], 2), ([4], 9)],
    "bisect.bisect_right": [([1, 3, 5], 3), ([1, 3, 5], 4), ([1, 1, 2, 2], 1), ([4], 9)],
    "calendar.isleap": [(2000,), (1900,), (2023,), (2024,)],
    "calendar.leapdays": [(1900, 2000), (2000, 2001), (1999, 2031)],
    "calendar.monthrange": [(2024, 2), (2023, 2), (1999, 12)],
    "calendar.weekday": [(2024, 2, 29), (1970, 1, 1), (1999, 12, 31)],
    "colorsys.hls_to_rgb": [(0.5, 0.5, 0.5), (0.1, 0.9, 0.3), (0.0, 0.2, 0.0)],
    "colorsys.hsv_to_rgb": [(0.5, 0.5, 0.5), (0.1, 0.9, 0.3), (0.0, 0.2, 0.0)],
    "colorsys.rgb_to_hsv": [(0.5, 0.5, 0.5), (0.1, 0.9, 0.3), (1.0, 0.2, 0.0)],
    "colorsys.rgb_to_yiq": [(0.5, 0.5, 0.5), (0.1, 0.9, 0.3), (1.0, 0.2, 0.0)],
    "difflib.get_close_matches": [
        ("appel", ["ape", "apple", "peach"]),
        ("wheel", ["heel", "while", "whale"]),
        ("x", ["y"]),
    ],
    "fnmatch.fnmatchcase": [("a.py", "*.py"), ("a.txt", "*.py"), ("abc", "a?c"), ("b1", "[ab][0-9]")],
    "fnmatch.translate": [("*.py",), ("a?c",), ("[!ab]x",)],
    "heapq.nlargest": [(2, [3, 1, 4, 1, 5]), (1, [2]), (4, [9, 8])],
    "heapq.nsmallest": [(2, [3, 1, 4, 1, 5]), (1, [2]), (4, [9, 8])],
    "html.escape": [("a < b & c",), ("\"x\" 'y'",), ("",)],
    "html.unescape": [("a &lt; b &amp; c",), ("&#65;&quot;",), ("no entity",)],
    "keyword.iskeyword": [("for",), ("form",), ("None",), ("",)],
    "math.comb": [(5, 2), (10, 0), (3, 7)],
    "math.dist": [([0.0, 0.0], [3.0, 4.0]), ([1.5], [2.5])],
    "math.factorial": [(0,), (5,), (20,)],
    "math.gcd": [(12, 18), (7, 13), (0, 5)],
    "math.isqrt": [(0,), (15,), (16,), (10**12,)],
    "math.lcm": [(4, 6), (7, 13), (5, 5)],
    "math.perm": [(5, 2), (10, 0), (3, 7)],
    "math.prod": [([2, 3, 4],), ([],), ([7],)],
    "ntpath.basename": [("c:\\a\\b.txt",), ("a/b\\",), ("",)],
    "ntpath.splitdrive": [("c:\\a",), ("\\\\host\\share\\x",), ("a\\b",)],
    "operator.countOf": [([1, 2, 1], 1), (["a"], "b"), ([], 3)],
    "operator.indexOf": [([1, 2, 1], 1), ([4, 5], 5)],
    "posixpath.basename": [("/a/b.txt",), ("a/",), ("",)],
    "posixpath.commonpath": [(["/a/b", "/a/c"],), (["a/b", "a/b/c"],)],
    "posixpath.commonprefix": [(["abc", "abd"],), (["x", "y"],), ([],)],
    "posixpath.dirname": [("/a/b.txt",), ("a/",), ("",)],
    "posixpath.isabs": [("/a",), ("a/b",), ("",)],
    "posixpath.join": [("a", "b"), ("a/", "b"), ("a", "/b")],
    "posixpath.normpath": [("a/../b",), ("/a//b/./c",), ("",), ("../x",)],
    "posixpath.relpath": [("/a/b", "/a/c"), ("/a/b/c", "/a")],
    "posixpath.split": [("/a/b.txt",), ("a/",), ("/",)],
    "posixpath.splitext": [("a.tar.gz",), (".bashrc",), ("x/y",)],
    "shlex.join": [(["echo", "a b"],), (["x"],), ([],)],
    "shlex.quote": [("a b",), ("it's",), ("",), ("safe-1.0",)],
    "shlex.split": [("echo 'a b' c",), ("a\\ b",), ("",)],
    "statistics.fmean": [([1.0, 2.5, 4.0],), ([3.0],)],
    "statistics.geometric_mean": [([1.0, 2.5, 4.0],), ([3.0],)],
    "statistics.harmonic_mean": [([40.0, 60.0],), ([3.0],)],
    "statistics.median": [([1, 5, 2],), ([1, 3, 5, 7],)],
    "statistics.median_high": [([1, 5, 2],), ([1, 3, 5, 7],)],
    "statistics.median_low": [([1, 5, 2],), ([1, 3, 5, 7],)],
    "statistics.mode": [([1, 1, 2, 3],), (["a", "b", "b"],)],
    "statistics.multimode": [([1, 1, 2, 2, 3],), (["a"],)],
    "statistics.pstdev": [([1.0, 2.5, 4.0, 8.0],), ([3.0, 3.0],)],
    "statistics.quantiles": [([1.0, 2.0, 4.0, 8.0],), ([3.0, 5.0],)],
    "statistics.variance": [([1.0, 2.5, 4.0, 8.0],), ([3.0, 3.0],)],
    "string.capwords": [("hello big  world",), ("x",), ("",)],
    "textwrap.dedent": [("  a\n  b",), ("  a\n    b\n\n  c",), ("x",)],
    "textwrap.fill": [("the quick brown fox jumps", 10), ("a", 5)],
    "textwrap.indent": [("a\nb\n", "> "), ("x\n\ny", "  ")],
    "textwrap.shorten": [("Hello  world!", 12), ("Hello  world!", 11)],
    "textwrap.wrap": [("the quick brown fox jumps", 10), ("a", 5)],
    "urllib.parse.parse_qsl": [("a=1&b=2",), ("a=%20x&a=y",)],
    "urllib.parse.quote": [("a b/c",), ("é?",), ("safe",)],
    "urllib.parse.quote_plus": [("a b/c",), ("é?",), ("safe",)],
    "urllib.parse.unquote": [("a%20b",), ("%C3%A9",), ("100%",)],
    "urllib.parse.urljoin": [
        ("http://example.com/b/c", "d"),
        ("http://example.com/b/", "../x"),
        ("http://example.com", "/y"),
    ],
}
"""Inputs that show what a function takes; more are made of them (`extended`)."""


def stdlib() -> list[CodeProblem]:
    """A problem of each function that this Python has and describes; what this Python answers is right."""
    found = [_problem(name, seeds) for name, seeds in SEEDS.items()]
    return [problem for problem in found if problem is not None]


def _problem(name: str, seeds: list[tuple[Any, ...]]) -> CodeProblem | None:
    place, _, short = name.rpartition(".")
    function = getattr(import_module(place), short, None)
    words = inspect.getdoc(function)
    if function is None or not words:
        return None
    parameters = ", ".join(_parameters(function, seeds))
    words = words.replace("\\", "\\\\").replace('"""', "'''")
    lines = "\n    ".join(words.splitlines())
    checks = [f"assert _same(candidate(*{arguments!r}), {function(*arguments)!r})" for arguments in seeds]
    return CodeProblem(
        task_id=f"stdlib/{name}",
        prompt=f'def {short}({parameters}):\n    """{lines}\n    """\n',
        checks=f"{_SAME}\ndef check(candidate):\n    " + "\n    ".join(checks) + f"\n\ncheck({short})\n",
        names=(short,),
        solution=f"    import {place}\n    return {name}({parameters})\n",
    )


_SAME = """
def _same(found, wanted):
    if isinstance(wanted, float):
        return isinstance(found, (int, float)) and abs(found - wanted) <= 1e-9 * max(1, abs(wanted))
    if isinstance(wanted, (list, tuple)):
        return type(found) is type(wanted) and len(found) == len(wanted) and all(map(_same, found, wanted))
    return found == wanted
"""


def _parameters(function: Any, seeds: list[tuple[Any, ...]]) -> list[str]:
    """As many names as the inputs have, as the function itself calls them where it tells."""
    count = len(seeds[0])
    try:
        names = [
            each.name
            for each in inspect.signature(function).parameters.values()
            if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]
    except ValueError:
        names = []
    return (names + ["abcd"[place] for place in range(len(names), count)])[:count]
