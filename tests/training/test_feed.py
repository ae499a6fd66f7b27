import threading

import torch

from lengthwise.contracts import Batch
from lengthwise.training.feed import Feed
from lengthwise.world import WHOLE, Share

CPU = torch.device("cpu")


class Made:
    """Notes which batches were made, and by which thread."""

    def __init__(self) -> None:
        self.indices: list[int] = []
        self.threads: set[str] = set()

    def __call__(self, index: int, share: Share) -> Batch:
        self.indices.append(index)
        self.threads.add(threading.current_thread().name)
        return Batch(None, torch.full((1, 2), index))


def first_ids(batches: list[Batch]) -> list[int]:
    return [int(batch.targets[0, 0]) for batch in batches]


def test_an_update_has_the_batches_of_its_indices_ahead_or_not():
    for is_ahead in (False, True):
        feed = Feed(Made(), [(0, WHOLE), (1, WHOLE)], CPU, is_ahead=is_ahead)
        assert [first_ids(feed.take(first, 2)) for first in (4, 6, 8)] == [[4, 5], [6, 7], [8, 9]]
        # Another place in the order, as after a resume.
        assert first_ids(feed.take(20, 2)) == [20, 21]
        feed.close()


def test_the_next_batches_are_made_by_a_thread_of_their_own():
    made = Made()
    feed = Feed(made, [(0, WHOLE)], CPU, is_ahead=True)
    feed.take(0, 1)
    feed.take(1, 1)
    feed.close()
    assert sorted(made.indices)[:2] == [0, 1] and any(name.startswith("batches") for name in made.threads)


def test_without_being_ahead_nothing_is_made_that_was_not_asked_for():
    made = Made()
    Feed(made, [(0, WHOLE)], CPU, is_ahead=False).take(3, 1)
    assert made.indices == [3]
