import pytest
import torch
from torch import nn

from lengthwise.parallel.config import ParallelConfig
from lengthwise.parallel.spread import gradients_summed, shares, spread
from lengthwise.world import ALONE, WHOLE


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.num_applied = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.num_applied += 1
        return self.linear(x).tanh()


CPU = torch.device("cpu")


class Layers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


def test_one_process_alone_calls_the_module_itself():
    module = Layers()
    assert spread(module, ParallelConfig(mode="fsdp", shard=3), ALONE, CPU) is module
    with gradients_summed(module, is_last=False):
        pass
    assert shares(ALONE, 3) == [(0, WHOLE), (1, WHOLE), (2, WHOLE)]


def test_recomputed_layers_are_applied_again_for_the_same_gradients_under_the_same_names():
    torch.manual_seed(0)
    plain, again = Layers(), Layers()
    again.load_state_dict(plain.state_dict())
    x = torch.randn(3, 4)
    spread(again, ParallelConfig(recompute=True), ALONE, CPU)
    for module in (plain, again):
        module(x).sum().backward()
    assert [layer.num_applied for layer in [*plain.layers, *again.layers]] == [1, 1, 2, 2]
    for (name, one), (other, two) in zip(plain.named_parameters(), again.named_parameters(), strict=True):
        assert name == other
        torch.testing.assert_close(one.grad, two.grad)


@pytest.mark.parametrize("name", ["recompute", "compile"])
def test_what_has_no_layers_to_treat_is_refused(name: str):
    with pytest.raises(ValueError, match=f"`parallel.{name}` must be false for a model without a list of layers"):
        spread(
            torch.nn.Linear(2, 2), ParallelConfig(recompute=name == "recompute", compile=name == "compile"), ALONE, CPU
        )


@pytest.mark.compiled
# Both of torch's own compiler: as it is first imported, and as it looks at what a layer is called with.
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated")
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_compiled_layers_give_the_same():
    torch.manual_seed(0)
    plain, compiled = Layers(), Layers()
    compiled.load_state_dict(plain.state_dict())
    spread(compiled, ParallelConfig(compile=True), ALONE, CPU)
    x = torch.randn(3, 4)
    torch.testing.assert_close(compiled(x), plain(x))
