"""The package and its help start at once: what is heavy is imported where it is used."""

import statistics
import subprocess
import sys
import time

import pytest

HEAVY = ["torch", "numpy", "pyarrow", "tokenizers", "safetensors", "sacrebleu", "jaxtyping", "tensorboard"]
HELP = """
from lengthwise.cli import main
try:
    main({})
except SystemExit as end:
    assert not end.code, end.code
"""


def heavy_modules_after(code: str) -> list[str]:
    tail = f"\nimport sys\nprint('heavy:', *[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return done.stdout.rpartition("heavy:")[2].split()


@pytest.mark.parametrize(
    "code",
    [
        "import lengthwise; lengthwise.__version__",
        HELP.format(["--help"]),
        HELP.format(["--version"]),
        HELP.format(["list"]),
        HELP.format(["list", "--help"]),
    ],
)
def test_nothing_heavy_is_imported(code):
    assert heavy_modules_after(code) == []


def test_a_heavy_import_would_be_caught():
    assert heavy_modules_after("import numpy") == ["numpy"]


def test_help_comes_quickly():
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "lengthwise", "--help"], capture_output=True, check=True)
        seconds.append(time.perf_counter() - start)
    # The aim is 0.3 s on an idle machine; the bound leaves room for a busy one.
    assert statistics.median(seconds) < 1.5
