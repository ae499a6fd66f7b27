"""AdamW, and Muon beside it for hidden matrices; parameters are grouped by the role they play."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn

from lengthwise.training.adamax import ClippedAdaMax
from lengthwise.training.config import OptimizerConfig
from lengthwise.training.muon import Muon

Role = Literal["matrix", "tensor", "embedding", "head", "vector"]
"""What a parameter is: a hidden matrix, a decayed tensor of higher rank, a table, the output, or a norm or bias."""

_DECAYED = ("matrix", "tensor", "head")


class Optimizer:
    """One rule for all parameters: AdamW alone, or Muon for the matrices and AdamW for the rest."""

    def __init__(self, model: nn.Module, config: OptimizerConfig) -> None:
        self.config = config
        roles = parameter_roles(model)
        self.parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        matrices = [name for name in self.parameters if config.name == "muon" and roles[name] == "matrix"]
        self._muon = _muon(model, {name: self.parameters[name] for name in matrices}, config) if matrices else None
        self._adamw_names = [name for name in self.parameters if name not in matrices]
        groups = _groups(self.parameters, self._adamw_names, roles, config)
        self._adamw = _adamax(groups, config) if config.name == "adamax" else _adamw(groups, config)
        self.set_factor(1.0)

    def set_factor(self, factor: float) -> None:
        """Set every learning rate to its configured one times the schedule's factor."""
        self.learning_rate = self.config.learning_rate * factor
        for group in self._adamw.param_groups:
            group["lr"] = self.learning_rate
        if self._muon is not None:
            self._muon.learning_rate = self.config.matrix_learning_rate * factor

    def step(self) -> None:
        """Update all parameters from their gradients, which get their noise first."""
        if self.config.noise:
            scale = self.config.noise * self.learning_rate * (1 + self._num_updates()) ** -self.config.noise_decay
            for parameter in self.parameters.values():
                if parameter.grad is not None:
                    noise = torch.randn_like(parameter.grad)
                    parameter.grad.add_(noise, alpha=scale)
        self._adamw.step()
        if self._muon is not None:
            self._muon.step()

    def _num_updates(self) -> int:
        states = self._adamw.state.values()
        return int(next((state["step"] for state in states if "step" in state), 0))

    def zero_grad(self) -> None:
        """Drop the gradients."""
        for parameter in self.parameters.values():
            parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        """Everything remembered between steps, as a flat dictionary without copies."""
        tensors = {f"muon/{key}": tensor for key, tensor in (self._muon.state() if self._muon else {}).items()}
        for name in self._adamw_names:
            for quantity, tensor in self._adamw.state.get(self.parameters[name], {}).items():
                tensors[f"adamw/{name}/{quantity}"] = tensor
        return tensors

    def load_state(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over what `state` gave, by copying."""
        if self._muon is not None:
            self._muon.load_state(_under("muon/", tensors))
        for name in self._adamw_names:
            parameter = self.parameters[name]
            self._adamw.state[parameter] = {
                quantity: tensor.to(parameter.device, copy=True)
                for quantity, tensor in _under(f"adamw/{name}/", tensors).items()
            }


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


def _muon(model: nn.Module, matrices: Mapping[str, nn.Parameter], config: OptimizerConfig) -> Muon:
    blocks = {p: getattr(module, "num_blocks", 1) for _, module, p in _owners(model)}
    return Muon(
        matrices,
        {name: blocks[parameter] for name, parameter in matrices.items()},
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
