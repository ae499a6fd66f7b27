"""AdamW, and Muon beside it for hidden matrices; parameters are grouped by the role they play."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn

from lengthwise.parallel.tensors import local, local_rows
from lengthwise.training.adafactor import Adafactor
from lengthwise.training.adamax import ClippedAdaMax
from lengthwise.training.config import OptimizerConfig
from lengthwise.training.muon import Muon
from lengthwise.world import ALONE, World

Role = Literal["matrix", "tensor", "embedding", "head", "vector"]
"""What a parameter is: a hidden matrix, a decayed tensor of higher rank, a table, the output, or a norm or bias."""

_DECAYED = ("matrix", "tensor", "head")
_OF_GROUPS = {"k", "lr_max", "weight_sum"}
"""What schedule-free AdamW remembers of all parameters together."""


class Optimizer:
    """One rule for all parameters, or Muon for the matrices and AdamW for the rest; divided as the parameters are."""

    def __init__(self, model: nn.Module, config: OptimizerConfig, world: World = ALONE) -> None:
        self.config = config
        roles = parameter_roles(model)
        self.parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        matrices = [name for name in self.parameters if config.name == "muon" and roles[name] == "matrix"]
        self._muon = None
        if matrices:
            self._muon = _muon(model, {name: self.parameters[name] for name in matrices}, config, world)
        self._names = [name for name in self.parameters if name not in matrices]
        groups = _groups(self.parameters, self._names, roles, config)
        self._rule = _RULES[config.name](groups, config)
        self.set_factor(1.0)

    def set_factor(self, factor: float) -> None:
        """Set every learning rate to its configured one times the schedule's factor."""
        self.learning_rate = self.config.learning_rate * factor
        for group in self._rule.param_groups:
            group["lr"] = self.learning_rate
        if self._muon is not None:
            self._muon.learning_rate = self.config.matrix_learning_rate * factor

    def step(self) -> None:
        """Update all parameters from their gradients, which get their noise first."""
        if self.config.noise:
            self._add_noise()
        self._rule.step()
        if self._muon is not None:
            self._muon.step()

    def _add_noise(self) -> None:
        """The same on every process that has the same parameter: drawn from the number of the update."""
        num_updates = self._num_updates()
        scale = self.config.noise * self.learning_rate * (1 + num_updates) ** -self.config.noise_decay
        generator = torch.Generator().manual_seed(num_updates)
        for parameter in self.parameters.values():
            if parameter.grad is not None:
                noise = torch.randn(parameter.shape, generator=generator).to(parameter)
                local(parameter.grad).add_(local_rows(noise, parameter), alpha=scale)

    def _num_updates(self) -> int:
        states = self._rule.state.values()
        return int(next((state["step"] for state in states if "step" in state), 0))

    def zero_grad(self) -> None:
        """Drop the gradients."""
        for parameter in self.parameters.values():
            parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        """Everything remembered between steps, as a flat dictionary without copies."""
        tensors = {f"muon/{key}": tensor for key, tensor in (self._muon.state() if self._muon else {}).items()}
        for name in self._names:
            for quantity, tensor in self._rule.state.get(self.parameters[name], {}).items():
                tensors[f"rule/{name}/{quantity}"] = tensor
        for number, group in enumerate(self._rule.param_groups):
            for key in _OF_GROUPS & group.keys():
                tensors[f"group/{number}/{key}"] = torch.tensor(group[key], dtype=torch.float64)
        return tensors

    def room(self) -> dict[str, Tensor]:
        """What `state` will hold after a step, divided as it will be: to be filled and given to `load_state`."""
        gradients = {name: parameter.grad for name, parameter in self.parameters.items()}
        for name in self._names:
            self.parameters[name].grad = torch.zeros_like(self.parameters[name])
        rates = [group["lr"] for group in self._rule.param_groups]
        for group in self._rule.param_groups:
            group["lr"] = 0.0
        # A step at rate 0 from zeros moves nothing, and makes every rule lay out what it remembers.
        self._rule.step()
        for group, rate in zip(self._rule.param_groups, rates, strict=True):
            group["lr"] = rate
        for name, gradient in gradients.items():
            self.parameters[name].grad = gradient
        return self.state()

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over what `state` gave."""
        if self._muon is not None:
            self._muon.load_state(_under("muon/", tensors))
        for name in self._names:
            self._rule.state[self.parameters[name]] = _under(f"rule/{name}/", tensors)
        for number, group in enumerate(self._rule.param_groups):
            for key in _OF_GROUPS & group.keys():
                group[key] = type(group[key])(tensors[f"group/{number}/{key}"].item())

    def shown(self) -> dict[str, Tensor] | None:
        """The weights to evaluate and keep, where they are not those that gradients are taken at."""
        if self.config.name != "schedule_free":
            return None
        beyond = 1 - 1 / self.config.betas[0]
        states = {name: self._rule.state.get(p, {}) for name, p in self.parameters.items()}
        return {name: p.detach().lerp(states[name].get("z", p.detach()), beyond) for name, p in self.parameters.items()}


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}


def parameter_roles(model: nn.Module) -> dict[str, Role]:
    """The role of each parameter: its own `role` attribute, else its module's, else what module and shape suggest.

    `nn.Embedding` holds embeddings (also where the output shares them), a module called `head` the output; the rest go
    by their number of dimensions.
    """
    roles: dict[str, Role] = {}
    by_parameter: dict[nn.Parameter, Role] = {}
    for module_name, module, parameter in _owners(model):
        role = getattr(parameter, "role", getattr(module, "role", None)) or _guess(module_name, module, parameter)
        if by_parameter.get(parameter) != "embedding":
            by_parameter[parameter] = role
    for name, parameter in model.named_parameters():
        roles[name] = by_parameter[parameter]
    return roles


def _owners(model: nn.Module) -> Iterator[tuple[str, nn.Module, nn.Parameter]]:
    for module_name, module in model.named_modules():
        for parameter in module.parameters(recurse=False):
            yield module_name, module, parameter


def _guess(module_name: str, module: nn.Module, parameter: nn.Parameter) -> Role:
    if parameter.ndim < 2:
        return "vector"
    if isinstance(module, nn.Embedding):
        return "embedding"
    if module_name.rpartition(".")[2] == "head":
        return "head"
    return "matrix" if parameter.ndim == 2 else "tensor"


def _muon(model: nn.Module, matrices: Mapping[str, nn.Parameter], config: OptimizerConfig, world: World) -> Muon:
    blocks = {p: getattr(module, "num_blocks", 1) for _, module, p in _owners(model)}
    return Muon(
        matrices,
        {name: blocks[parameter] for name, parameter in matrices.items()},
        world,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
        num_iterations=config.num_iterations,
        refresh_every=config.refresh_every,
    )


def _groups(
    parameters: Mapping[str, nn.Parameter], names: list[str], roles: Mapping[str, Role], config: OptimizerConfig
) -> list[dict[str, Any]]:
    decayed = [parameters[name] for name in names if roles[name] in _DECAYED]
    plain = [parameters[name] for name in names if roles[name] not in _DECAYED]
    return [{"params": decayed, "weight_decay": config.weight_decay}, {"params": plain, "weight_decay": 0.0}]


def _adamw(groups: list[dict[str, Any]], config: OptimizerConfig) -> torch.optim.AdamW:
    parameters = [parameter for group in groups for parameter in group["params"]]
    is_fused = all(p.device.type in ("cpu", "cuda") and p.is_floating_point() for p in parameters)
    return torch.optim.AdamW(
        groups,
        lr=config.learning_rate,
        betas=config.betas,
        eps=config.epsilon,
        fused=is_fused,
    )


def _adamax(groups: list[dict[str, Any]], config: OptimizerConfig) -> ClippedAdaMax:
    """It was published without a decay of the weights."""
    plain = [{"params": group["params"]} for group in groups]
    return ClippedAdaMax(plain, config.learning_rate, config.betas)


def _adafactor(groups: list[dict[str, Any]], config: OptimizerConfig) -> torch.optim.Optimizer:
    return Adafactor(groups, config.learning_rate)


def _schedule_free(groups: list[dict[str, Any]], config: OptimizerConfig) -> torch.optim.Optimizer:
    try:
        from schedulefree import AdamWScheduleFree
    except ImportError:
        raise ValueError(
            "`train.optimizer.name=schedule_free` must have the package `schedulefree`, but it is not installed. "
            "Install it with `pip install 'lengthwise[schedule-free]'`."
        ) from None
    rule = AdamWScheduleFree(groups, lr=config.learning_rate, betas=config.betas, eps=config.epsilon)
    rule.train()
    return rule


_RULES: Mapping[str, Callable[[list[dict[str, Any]], OptimizerConfig], torch.optim.Optimizer]] = {
    "adamw": _adamw,
    "muon": _adamw,
    "adamax": _adamax,
    "adafactor": _adafactor,
    "schedule_free": _schedule_free,
}
"""Of the parameters that Muon does not take."""
