"""How long a model with adaptive computation ponders, by length and by symbol."""

from collections import defaultdict
from collections.abc import Sequence

import torch

from lengthwise.contracts import EOS, PAD, Model
from lengthwise.data.codecs.codec import Codec
from lengthwise.runtime import Runtime

END = "end"
"""The mark that closes the inputs."""
TEXTS_AT_ONCE = 4
"""Long ones have scores of all their pairs of positions in memory."""


def ponder_by_symbol(model: Model, codec: Codec, texts: Sequence[str], runtime: Runtime) -> dict[str, float]:
    """Mean steps of each input symbol, and over all of them under the empty string; empty where none ponders."""
    tokens = [torch.tensor([*ids, EOS]) for ids in codec.encode_batch(list(texts))]
    found: dict[str, list[float]] = defaultdict(list)
    for first in range(0, len(tokens), TEXTS_AT_ONCE):
        some = tokens[first : first + TEXTS_AT_ONCE]
        inputs = torch.nn.utils.rnn.pad_sequence(some, batch_first=True, padding_value=PAD).to(runtime.device)
        with torch.inference_mode(), runtime.autocast():
            steps = model.ponder_steps(inputs)
        if steps is None:
            return {}
        for token, count in zip(inputs[inputs != PAD].tolist(), steps[inputs != PAD].tolist(), strict=True):
            found[END if token == EOS else codec.decode([token])].append(count)
            found[""].append(count)
    return {symbol: sum(counts) / len(counts) for symbol, counts in sorted(found.items())}
