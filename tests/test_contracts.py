import dataclasses

import pytest
import torch
from torch import Tensor, nn

from lengthwise import contracts
from lengthwise.contracts import EOS, PAD, START, AuxLoss, Batch, Feature, Features, ModelConfig, Output

BATCH = Batch(torch.tensor([[5, 6, EOS], [7, EOS, PAD]]), torch.tensor([[8, EOS, PAD, PAD], [9, 9, 9, EOS]]))


def test_the_special_ids_are_the_first_three():
    assert (PAD, EOS, START) == (0, 1, 2)


def test_weights_are_one_on_real_targets_and_zero_on_padding():
    assert BATCH.weights.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]


def test_tokens_are_counted_without_padding():
    assert BATCH.num_target_tokens == 6
    assert BATCH.num_tokens == 11


def test_a_batch_without_inputs_counts_its_targets_alone():
    assert Batch(None, BATCH.targets).num_tokens == 6


def test_moving_a_batch_keeps_everything(device: torch.device):
    moved = dataclasses.replace(BATCH, is_spare=True).to(device)
    assert moved.is_spare
    assert moved.targets.device.type == device.type
    assert torch.equal(moved.targets.cpu(), BATCH.targets)
    assert moved.inputs is not None and torch.equal(moved.inputs.cpu(), torch.as_tensor(BATCH.inputs))


def test_a_batch_without_inputs_moves(device: torch.device):
    assert Batch(None, BATCH.targets).to(device).inputs is None


def test_logits_are_the_head_of_the_hidden():
    head = nn.Linear(4, 10, bias=False)
    hidden = torch.randn(2, 3, 4)
    assert torch.equal(Output(hidden, head).logits, hidden @ head.weight.T)


def test_outputs_do_not_share_their_auxiliary_losses():
    first, second = (Output(torch.zeros(1, 1, 1), nn.Identity()) for _ in range(2))
    first.aux_losses["balance"] = AuxLoss(torch.zeros(()), "targets")
    assert second.aux_losses == {}


@pytest.mark.parametrize("name", ["Model", "DecodeState", "Autoregressive", "OneShot", "ModelConfig"])
def test_the_nouns_can_not_be_built_unfinished(name):
    with pytest.raises(TypeError, match="abstract"):
        getattr(contracts, name)()


class Echo(contracts.OneShot):
    def forward(self, batch: Batch) -> Output:
        return Output(torch.zeros(*batch.targets.shape, 1), nn.Identity())

    def predict(self, inputs: Tensor) -> Tensor:
        return inputs


@dataclasses.dataclass(frozen=True, kw_only=True)
class EchoConfig(ModelConfig):
    def build(self, features: Features) -> Echo:
        return Echo()


def test_a_config_refuses_nothing_and_wants_nothing_unless_it_says_so():
    features = Features(inputs=None, targets=Feature(size=10))
    assert EchoConfig().refuses(features) is None
    assert EchoConfig().training_defaults() == {}
    assert EchoConfig().build(features)(BATCH).logits.shape == (2, 4, 1)


def test_rows_of_several_documents_are_cut_at_a_length():
    targets, documents = torch.tensor([[5, 1, 6, 1], [5, 6, 1, 0]]), torch.tensor([[1, 1, 2, 2], [1, 1, 1, 0]])
    found = Batch(None, targets, documents=documents).up_to(3)
    assert found.targets.tolist() == [[5, 1, 6], [5, 6, 1]] and found.documents is not None
    assert found.documents.tolist() == [[1, 1, 2], [1, 1, 1]]
