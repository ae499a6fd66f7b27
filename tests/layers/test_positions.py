import math
from dataclasses import replace

import pytest
import torch

from lengthwise.contracts import EOS, PAD, Feature, Features
from lengthwise.layers.positions import (
    LONGEST_RANDOM,
    NOWHERE,
    NUM_BUCKETS,
    NUM_PLACES,
    Positions,
    alibi_slopes,
    refuses_positions,
    relative_bucket,
    rotated,
    sinusoids,
)

DIGITS = (3, 4, 5)
PLUS = 6


def positions(scheme: str, places: str = "index", **settings: int) -> Positions:
    side = Feature(size=9, digits=DIGITS)
    features = Features(inputs=side, targets=side, places=places)  # pyright: ignore[reportArgumentType]
    return Positions(scheme, 8, 2, features, **settings)  # pyright: ignore[reportArgumentType]


def test_sinusoids_are_those_of_the_paper():
    found = sinusoids(50, 16)
    for position, channel in ((0, 0), (3, 4), (3, 5), (49, 15)):
        angle = position / 10_000 ** (2 * (channel // 2) / 16)
        wanted = math.cos(angle) if channel % 2 else math.sin(angle)
        assert found[position, channel].item() == pytest.approx(wanted, abs=1e-5)


def test_sinusoids_are_added_by_place_and_reach_as_far_as_is_asked():
    module, x = positions("sinusoid"), torch.zeros(1, 2, 8)
    places = module.of_targets(2, x.device, start=900)
    torch.testing.assert_close(module.add(x, places)[0], sinusoids(902, 8)[900:])


def test_learned_embeddings_are_added_by_place_and_end_somewhere():
    module, x = positions("learned"), torch.zeros(1, 2, 8)
    found = module.add(x, module.of_targets(2, x.device, start=5))
    assert module.embedding is not None
    torch.testing.assert_close(found[0], module.embedding.weight[[6, 7]] * 8**0.5)
    with pytest.raises(ValueError, match=f"`learned` positions must be fewer than {NUM_PLACES}"):
        module.of_targets(2, x.device, start=NUM_PLACES)


def test_none_adds_nothing():
    module, x = positions("none"), torch.randn(1, 2, 8)
    places = module.of_targets(2, x.device)
    assert torch.equal(module.add(x, places), x)
    relation = module.relate(places, places, places)
    assert relation.bias is None and relation.rotation is None and relation.between is None


def test_rotary_scores_depend_on_the_distance_alone_and_turn_by_one_radian_a_place():
    module = positions("rotary")
    query, key = torch.randn(1, 1, 1, 4), torch.randn(1, 1, 1, 4)

    def score(i: int, j: int) -> float:
        turned = [
            rotated(x, module.relate(place, place).rotation)
            for x, place in ((query, torch.tensor([[i]])), (key, torch.tensor([[j]])))
        ]
        return (turned[0] * turned[1]).sum().item()

    assert score(7, 4) == pytest.approx(score(103, 100), abs=1e-4)
    unit = torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]])
    turned = rotated(unit, module.relate(torch.tensor([[2]]), torch.tensor([[2]])).rotation)
    assert turned.flatten().tolist() == pytest.approx([math.cos(2), 0, math.sin(2), 0], abs=1e-6)


def test_relative_buckets_are_exact_nearby_and_one_far_away():
    found = relative_bucket(torch.tensor([0, -1, -7, -8, -500, 1, 7, 500]), 128).tolist()
    assert found == [0, 1, 7, 8, 15, 17, 23, 31]


def test_relative_biases_are_looked_up_by_bucket_and_head():
    module = positions("relative")
    assert module.biases is not None
    torch.nn.init.normal_(module.biases.weight)
    places = torch.arange(3)[None]
    relation = module.relate(places, places, places)
    assert relation.bias is not None and relation.between is None
    table = NUM_BUCKETS + 1
    scaled = module.biases.weight * module.d_model**0.5
    torch.testing.assert_close(relation.bias[0, 1, 2, 0], scaled[table + 2, 1])
    torch.testing.assert_close(relation.bias[0, 0, 0, 2], scaled[table + NUM_BUCKETS // 2 + 2, 0])
    of_encoder = module.relate(places, places, is_encoder=True).bias
    assert of_encoder is not None
    torch.testing.assert_close(of_encoder[0, 1, 2, 0], scaled[2, 1])


def test_alibi_falls_with_the_distance_by_a_slope_per_head():
    assert alibi_slopes(8, torch.device("cpu")).tolist() == pytest.approx([2.0**-n for n in range(1, 9)])
    bias = positions("alibi").relate(torch.tensor([[5]]), torch.tensor([[5, 3]])).bias
    assert bias is not None
    assert bias[0, :, 0].tolist() == [[0, -2 / 16], [0, -2 / 256]]


def test_random_places_increase_in_training_and_are_even_else():
    module = positions("random")
    drawn = module.of_targets(40, torch.device("cpu"))[0]
    assert (drawn.diff() > 0).all() and drawn.max() < NUM_PLACES and drawn.max() > 200
    module.eval()
    stride = NUM_PLACES // LONGEST_RANDOM
    assert module.of_targets(3, torch.device("cpu"), start=2)[0].tolist() == [2 * stride, 3 * stride, 4 * stride]
    with pytest.raises(ValueError, match=f"must be at most {LONGEST_RANDOM}"):
        module.of_targets(LONGEST_RANDOM + 1, torch.device("cpu"))


def test_random_places_are_as_dense_as_outside_training_to_as_sparse_as_there_is_room():
    module, stride = positions("random"), NUM_PLACES // LONGEST_RANDOM
    gaps = [module.of_targets(40, torch.device("cpu"))[0].diff().float().mean().item() for _ in range(300)]
    assert min(gaps) < 2 * stride and max(gaps) > 40


@pytest.mark.parametrize(
    ("scheme", "has_encoder", "changes", "reason"),
    [
        ("none", True, {}, "must not be `none` in a model with an encoder"),
        ("none", False, {}, None),
        ("abacus", True, {"inputs": Feature(size=9)}, "must have digits for `abacus`"),
        ("abacus", True, {}, None),
        ("coupled", True, {"places": None}, "must belong to one input each for `coupled`"),
        ("coupled", True, {}, None),
        ("sinusoid", True, {"places": None}, None),
    ],
)
def test_a_scheme_that_cannot_tell_where_tokens_stand_is_refused(scheme, has_encoder, changes, reason):
    side = Feature(size=9, digits=DIGITS)
    features = replace(Features(inputs=side, targets=side, places="index"), **changes)
    found = refuses_positions(scheme, features, has_encoder=has_encoder)
    assert found is None if reason is None else reason in str(found)


SUM = torch.tensor([[4, 3, PLUS, 5, 5, 5, EOS], [3, PLUS, 3, EOS, PAD, PAD, PAD]])


def test_abacus_counts_within_each_number():
    found = positions("abacus").eval().of_inputs(SUM)
    assert found[0].tolist() == [0, 1, NOWHERE, 0, 1, 2, NOWHERE]
    assert found[1, :4].tolist() == [0, NOWHERE, 0, NOWHERE]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ("index", [0, 1, 2, 3, 4, 5, 6]),
        ("from_end", [5, 4, 3, 2, 1, 0, NOWHERE]),
        ("in_number", [0, 1, NOWHERE, 0, 1, 2, NOWHERE]),
    ],
)
def test_coupled_inputs_stand_where_the_targets_that_need_them_do(places, expected):
    found = positions("coupled", places).of_inputs(SUM)
    assert found.expand(2, -1)[0].tolist() == expected
    moved = positions("coupled", places).of_inputs(SUM, offset=3)
    assert moved.expand(2, -1)[0].tolist() == [place + 3 if place >= 0 else place for place in expected]


def test_coupled_places_relate_targets_to_inputs_and_nowhere_has_a_bucket_of_its_own():
    module = positions("coupled", "in_number")
    assert module.biases is not None
    torch.nn.init.normal_(module.biases.weight)
    between = module.relate(torch.tensor([[1]]), torch.tensor([[1]]), module.of_inputs(SUM)).between
    assert between is not None
    buckets = [1, 0, NUM_BUCKETS, 1, 0, NUM_BUCKETS // 2 + 1, NUM_BUCKETS]
    learned = module.biases.weight[2 * (NUM_BUCKETS + 1) :][buckets].t() * module.d_model**0.5
    distances = torch.tensor([1, 0, 0, 1, 0, 1, 0])
    slopes = 4 * alibi_slopes(module.num_heads, torch.device("cpu"))
    torch.testing.assert_close(between[0, :, 0], learned - slopes[:, None] * distances)


def test_in_training_indices_begin_anywhere_up_to_the_largest_offset():
    module = positions("sinusoid", max_offset=3)
    assert {module.offset() for _ in range(100)} == {0, 1, 2, 3}
    assert module.eval().offset() == 0


def test_turning_and_its_gradient_are_those_of_a_rotation():
    x = torch.randn(2, 3, 5, 8, dtype=torch.double, requires_grad=True)
    angle = torch.randn(1, 1, 5, 4, dtype=torch.double)
    first, second = x.chunk(2, dim=-1)
    expected = torch.view_as_complex(torch.stack((first, second), -1)) * torch.polar(torch.ones_like(angle), angle)
    expected = torch.cat((expected.real, expected.imag), -1)
    found = rotated(x, (angle.cos(), angle.sin()))
    torch.testing.assert_close(found, expected)
    gradient = torch.randn_like(x)
    torch.testing.assert_close(torch.autograd.grad(found, x, gradient), torch.autograd.grad(expected, x, gradient))


def test_sinusoids_and_rotations_come_together():
    both, places = positions("sinusoid_rotary"), torch.arange(600)[None]
    both.of_targets(600, places.device)
    x = torch.zeros(1, 600, 8)
    torch.testing.assert_close(both.add(x, places)[0], sinusoids(600, 8))
    relation = both.relate(places, places)
    assert relation.rotation is not None and relation.bias is None
