import pytest
import torch

from lengthwise.contracts import EOS, Features
from lengthwise.data.codecs.trees import Trees
from lengthwise.decoding.config import DecodeConfig
from lengthwise.decoding.sequences import decode_sequences
from lengthwise.models import recurrent, transformer
from lengthwise.runtime import resolve
from lengthwise.trees import parse_tree

TEXTS = ["(S (NP (DT the) (NN cat)) (VP (VBZ sleeps)))", "(S (NP (NN dog)) (VP (VBZ sees) (NP (NN cat))))", "the cat"]


def decoded(method: str, max_length: int | None, is_constrained: bool, preset=transformer.tiny) -> list[str]:
    codec = Trees(300).fit(iter(TEXTS))
    torch.manual_seed(1)
    model = preset().build(Features(inputs=codec.feature, targets=codec.feature, is_shared=True))
    sources = [[*codec.encode("the cat sees the dog " * (row % 3 + 1)), EOS] for row in range(12)]
    config = DecodeConfig(
        method=method,  # pyright: ignore[reportArgumentType]
        max_length=max_length,
        constrained=is_constrained,
    )
    runtime = resolve("cpu", "fp32", 0)
    found = decode_sequences(model, sources, config, runtime, constraint=codec.constraint)
    limit = max_length or 2 * max(map(len, sources)) + 20
    assert all(len(hypothesis.tokens) < limit for hypothesis in found) or not is_constrained
    return [codec.decode(hypothesis.tokens) for hypothesis in found]


@pytest.mark.parametrize("method", ["greedy", "beam", "sampling"])
@pytest.mark.parametrize("max_length", [3, 7, 25, None])
def test_an_untrained_model_writes_trees_alone(method, max_length):
    for text in decoded(method, max_length, is_constrained=True):
        parse_tree(text)


def test_a_model_of_another_kind_does_too():
    for text in decoded("beam", 25, is_constrained=True, preset=recurrent.tiny):
        parse_tree(text)


def test_without_the_constraint_it_writes_none():
    trees = 0
    for text in decoded("sampling", 25, is_constrained=False):
        try:
            parse_tree(text)
            trees += 1
        except ValueError:
            pass
    assert trees < 6
