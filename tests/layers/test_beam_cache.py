import pytest
import torch

from lengthwise.layers.attention import attend_by_matmul
from lengthwise.layers.beam_cache import BLOCK, BeamCache
from lengthwise.layers.masks import Mask

HEADS, WIDTH = 2, 4


def new_cache(sentences: int, max_length: int = 12) -> BeamCache:
    memory = torch.randn(sentences, HEADS, 3, WIDTH, dtype=torch.double)
    keys = torch.arange(3)[None] < torch.randint(1, 4, (sentences, 1))
    return BeamCache([(memory, memory.clone())], Mask(keys=keys), max_length)


class Rows:
    """What a cache must remember, kept the plain way: every row its own copy of its history."""

    def __init__(self, cache: BeamCache) -> None:
        self.cache = cache
        count = len(cache.bias)
        self.keys = [torch.zeros(HEADS, 0, WIDTH, dtype=torch.double) for _ in range(count)]
        self.values = list(self.keys)
        self.memories = [(keys, values) for keys, values in zip(*cache.memories[0], strict=True)]
        assert cache.memory_mask.keys is not None
        self.masks = list(cache.memory_mask.keys)

    def reorder(self, order: list[int]) -> None:
        self.cache.reorder(torch.tensor(order))
        for name in ("keys", "values", "memories", "masks"):
            setattr(self, name, [getattr(self, name)[i] for i in order])

    def check_a_step(self) -> None:
        new = torch.randn(3, len(self.keys), HEADS, 1, WIDTH, dtype=torch.double)
        self.keys = [torch.cat((past, now), 1) for past, now in zip(self.keys, new[1], strict=True)]
        self.values = [torch.cat((past, now), 1) for past, now in zip(self.values, new[2], strict=True)]
        blocks = [x.view(-1, self.cache.beam, HEADS, WIDTH).transpose(1, 2) for x in new]
        found = self.cache.attend(0, *blocks).transpose(1, 2).flatten(0, 1)
        memory = self.cache.attend_memory(0, blocks[0]).transpose(1, 2).flatten(0, 1)
        self.cache.length += 1
        for i, query in enumerate(new[0]):
            own = attend_by_matmul(query[None], self.keys[i][None], self.values[i][None], Mask())
            torch.testing.assert_close(found[i], own[0, :, 0])
            keys, values = self.memories[i]
            wanted = attend_by_matmul(query[None], keys[None], values[None], Mask(keys=self.masks[i][None]))
            torch.testing.assert_close(memory[i], wanted[0, :, 0])


def test_rows_that_swap_histories_within_a_sentence_see_their_own():
    torch.manual_seed(0)
    rows = Rows(new_cache(2))
    rows.reorder([0, 0, 0, 1, 1, 1])
    for order in ([0, 0, 2, 5, 4, 3], [2, 1, 0, 3, 3, 3], [0, 1, 2, 4, 5, 3]):
        rows.check_a_step()
        rows.reorder(order)
    rows.check_a_step()


def test_reordering_within_sentences_moves_no_cache():
    cache = new_cache(2)
    cache.reorder(torch.tensor([0, 0, 1, 1]))
    slots = cache.slots
    cache.attend(0, *torch.randn(3, 2, HEADS, 2, WIDTH, dtype=torch.double))
    cache.length += 1
    cache.reorder(torch.tensor([1, 1, 2, 3]))
    assert cache.slots is slots


@pytest.mark.parametrize(
    "order",
    [
        pytest.param([2, 2], id="a finished sentence is dropped"),
        pytest.param([3, 2, 1, 0], id="sentences change places"),
        pytest.param([0, 3, 1], id="rows of several sentences are mixed"),
        pytest.param([0, 0, 0, 2, 2, 2], id="beams grow in the middle"),
        pytest.param([1], id="one row is left"),
    ],
)
def test_any_order_is_followed(order):
    torch.manual_seed(1)
    rows = Rows(new_cache(2))
    rows.reorder([0, 0, 1, 1])
    rows.check_a_step()
    rows.reorder([1, 0, 2, 2])
    rows.check_a_step()
    rows.reorder(order)
    rows.check_a_step()
    rows.check_a_step()


def test_histories_survive_the_growth_of_the_cache():
    torch.manual_seed(2)
    rows = Rows(new_cache(2, max_length=2 * BLOCK + 1))
    rows.reorder([0, 0, 1, 1])
    for _ in range(BLOCK):
        rows.check_a_step()
        rows.reorder([1, 0, 2, 2])
    rows.reorder([2, 3])
    for _ in range(BLOCK + 1):
        rows.check_a_step()
    with pytest.raises(ValueError, match="larger `max_length`"):
        rows.check_a_step()


def test_uneven_beams_before_the_first_step_become_rows_of_their_own():
    rows = Rows(new_cache(2))
    rows.reorder([0, 0, 1])
    rows.check_a_step()


def test_a_full_cache_says_so():
    cache = new_cache(1, max_length=1)
    new = torch.randn(3, 1, HEADS, 1, WIDTH, dtype=torch.double)
    cache.attend(0, *new)
    cache.length += 1
    with pytest.raises(ValueError, match="larger `max_length`"):
        cache.attend(0, *new)
