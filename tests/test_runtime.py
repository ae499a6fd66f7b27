import random

import numpy
import pytest
import torch

from lengthwise import runtime
from lengthwise.world import ALONE


def test_auto_is_resolved_to_a_real_device_and_format():
    resolved = runtime.resolve()
    assert resolved.device.type in ("cpu", "cuda")
    assert resolved.compute_dtype in (torch.float32, torch.bfloat16)


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_a_named_precision_is_kept(precision, dtype):
    assert runtime.resolve("cpu", precision).compute_dtype == dtype


def test_autocast_computes_products_in_the_chosen_format(device):
    a = torch.ones(4, 4, device=device)
    for precision in ("fp32", "bf16"):
        chosen = runtime.resolve(str(device), precision)
        with chosen.autocast():
            assert (a @ a).dtype == chosen.compute_dtype


def test_an_unknown_precision_is_refused_with_the_choices():
    with pytest.raises(ValueError, match=r"`precision` must be `auto`, `fp32` or `bf16`, but is `int3`"):
        runtime.resolve("cpu", "int3")


@pytest.mark.parametrize("name", ["abacus", "cuda:77"])
def test_a_device_that_is_not_there_is_refused_in_one_line(name):
    with pytest.raises(ValueError, match=f"`device` must be .* but is `{name}`") as caught:
        runtime.resolve(name)
    assert "\n" not in str(caught.value)


def test_a_process_alone_is_its_own_world():
    assert runtime.resolve("cpu", "fp32").world == ALONE


def test_the_same_seed_gives_the_same_numbers_from_every_generator():
    def draw() -> tuple[float, float, float]:
        return random.random(), numpy.random.rand(), torch.rand(()).item()

    runtime.seed_everything(2**40 + 3)
    first = draw()
    assert draw() != first
    runtime.seed_everything(2**40 + 3)
    assert draw() == first


def test_freed_memory_is_kept_for_the_next_tensor_where_the_c_library_can():
    import platform
    import subprocess
    import sys

    code = (
        "import resource, torch; from lengthwise.runtime import keep_freed_memory; print(keep_freed_memory())\n"
        "make = lambda: torch.ones(2**22); [make() for _ in range(60)]\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "for _ in range(10): make()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    is_kept, num_faults = done.stdout.split()
    assert is_kept == str(platform.libc_ver()[0] == "glibc")
    assert is_kept == "False" or int(num_faults) < 100
