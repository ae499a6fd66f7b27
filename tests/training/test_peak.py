import torch

from lengthwise.runtime import Runtime
from lengthwise.training.peak import peak_flops


def test_a_processor_multiplies_some_matrices_a_second():
    runtime = Runtime(device=torch.device("cpu"), compute_dtype=torch.float32, seed=0)
    assert 1e8 < peak_flops(runtime) < 1e15
