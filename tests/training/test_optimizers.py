import torch
from small_run import Copier, batches, summed_loss
from torch import Tensor, nn

from lengthwise.training.config import OptimizerConfig
from lengthwise.training.optimizers import Optimizer, parameter_roles


def test_roles_follow_module_and_shape():
    roles = parameter_roles(Copier())
    assert roles == {
        "embedding.weight": "embedding",
        "norm.weight": "vector",
        "norm.bias": "vector",
        "hidden.weight": "matrix",
        "hidden.bias": "vector",
        "out.weight": "matrix",
        "out.bias": "vector",
    }


def test_an_untied_head_is_a_head_and_an_attribute_decides():
    model = Copier()
    model.head = nn.Linear(8, 12, bias=False)
    object.__setattr__(model.out, "role", "tensor")
    roles = parameter_roles(model)
    assert (roles["head.weight"], roles["out.weight"]) == ("head", "tensor")


def test_decay_leaves_norms_biases_and_embeddings_alone():
    for name in ("adamw", "muon"):
        model = Copier()
        optimizer = Optimizer(model, OptimizerConfig(name=name, weight_decay=0.5))
        before = {key: parameter.detach().clone() for key, parameter in model.named_parameters()}
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
        moved = {key for key, parameter in model.named_parameters() if not torch.equal(parameter, before[key])}
        assert moved == {"hidden.weight", "out.weight"}


def test_the_factor_reaches_both_rules():
    model = Copier()
    optimizer = Optimizer(model, OptimizerConfig(name="muon"))
    optimizer.set_factor(0.0)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    step(model, optimizer, 0)
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
    optimizer.set_factor(1.0)
    step(model, optimizer, 0)
    assert not any(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))


def step(model: Copier, optimizer: Optimizer, index: int) -> Tensor:
    optimizer.zero_grad()
    loss = summed_loss(model, batches(index)).total
    loss.backward()
    optimizer.step()
    return loss.detach()


def test_a_restored_optimizer_continues_bit_by_bit():
    for name in ("adamw", "muon"):
        model, copy = Copier(dropout=0), Copier(dropout=0)
        optimizer = Optimizer(model, OptimizerConfig(name=name))
        for index in range(3):
            step(model, optimizer, index)
        copy.load_state_dict(model.state_dict())
        other = Optimizer(copy, OptimizerConfig(name=name))
        other.load_state({key: tensor.clone() for key, tensor in optimizer.state().items()})
        for index in range(3, 6):
            assert torch.equal(step(model, optimizer, index), step(copy, other, index))


def test_both_rules_learn():
    for name in ("adamw", "muon"):
        model = Copier(dropout=0)
        optimizer = Optimizer(model, OptimizerConfig(name=name, learning_rate=1e-2))
        losses = [step(model, optimizer, 0) for _ in range(60)]
        assert losses[-1] < losses[0] / 3
