import torch

from lengthwise.contracts import EOS
from lengthwise.data.codecs.trees import Trees
from lengthwise.trees import parse_tree

TREES = ["(S (NP (DT the) (NN cat)) (VP (VBZ sleeps)))", "(NN cat)", "(S (S (S (NN cat))))"]


def test_every_tree_may_be_written_in_just_the_room_it_needs():
    codec = Trees(300).fit(iter(TREES))
    constraint = codec.constraint
    assert constraint is not None
    for text in TREES:
        tokens = [*codec.encode(text), EOS]
        state = constraint.start(1, torch.device("cpu"))
        for place, token in enumerate(tokens):
            room = torch.tensor([len(tokens) - place])
            assert constraint.allowed(state, room, codec.feature.size)[0, token], (text, place)
            state = constraint.advance(state, torch.tensor([token]))


def test_random_writers_write_trees_within_their_room():
    codec = Trees(300).fit(iter(TREES))
    constraint = codec.constraint
    assert constraint is not None
    torch.manual_seed(0)
    for room in (3, 4, 5, 8, 30):
        state = constraint.start(50, torch.device("cpu"))
        written = torch.zeros(50, room, dtype=torch.long)
        for step in range(room):
            allowed = constraint.allowed(state, torch.full((50,), room - step), codec.feature.size).float()
            # Labels are few: as likely as all subwords, so that trees grow.
            allowed[:, 259:] *= 40
            written[:, step] = torch.multinomial(allowed, 1)[:, 0]
            state = constraint.advance(state, written[:, step])
        for row in written.tolist():
            assert EOS in row
            parse_tree(codec.decode(row))


def test_something_may_always_follow():
    codec = Trees(300).fit(iter(TREES))
    constraint = codec.constraint
    assert constraint is not None
    for room in range(-1, 3):
        assert constraint.allowed(constraint.start(1, torch.device("cpu")), torch.tensor([room]), 280).any()
