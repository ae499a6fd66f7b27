from dataclasses import replace

import pytest
import torch
from kinds import KINDS, shrunk

from lengthwise.contracts import Batch, Feature, Features
from lengthwise.models import encoder

TEXTS = KINDS["text to class"]


def test_padding_does_not_change_the_answer():
    torch.manual_seed(0)
    model = shrunk("encoder.tiny").build(TEXTS.features).double().eval()
    torch.nn.init.normal_(model.get_parameter("head.weight"))
    batch = TEXTS.batch()
    assert batch.inputs is not None
    wider = Batch(torch.nn.functional.pad(batch.inputs, (0, 3)), batch.targets)
    torch.testing.assert_close(model(wider).logits, model(batch).logits)


def test_what_it_cannot_do_is_refused_with_the_reason():
    words = Features(inputs=Feature(size=9), targets=Feature(size=9))
    assert "must be of kind label, but are tokens" in str(encoder.tiny().refuses(words))
    assert "must be tokens, but are absent" in str(encoder.tiny().refuses(replace(TEXTS.features, inputs=None)))
    with pytest.raises(ValueError, match="`model.num_heads` must divide"):
        replace(encoder.tiny(), num_heads=3)
    with pytest.raises(ValueError, match="`model.dropout` must be at least 0"):
        replace(encoder.tiny(), dropout=1.0)
