import pytest

from lengthwise.contracts import PAD
from lengthwise.data.codecs.codec import Unreadable, load_codec
from lengthwise.data.codecs.labels import Labels


def test_classes_are_learned_in_their_order_and_come_back():
    labels = Labels().fit(iter(["dog", "cat", "dog"]))
    assert labels.names == ("cat", "dog") and labels.feature.size == 5 and labels.feature.modality == "label"
    assert [labels.decode(labels.encode(name)) for name in labels.names] == ["cat", "dog"]
    assert all(labels.encode(name)[0] != PAD and len(labels.encode(name)) == 1 for name in labels.names)


def test_a_class_never_seen_says_so_in_its_place():
    found = Labels(("a", "b")).encode_batch(["a", "c", "b"])
    assert found[0] == [3] and found[2] == [4] and isinstance(found[1], Unreadable)


def test_one_class_alone_cannot_be_learned():
    with pytest.raises(ValueError, match="must be of at least two classes, but all are of \\['a'\\]"):
        Labels().fit(iter(["a", "a"]))


def test_they_are_found_again(tmp_path):
    Labels(("ä", "b")).save(tmp_path / "labels.json")
    assert load_codec(tmp_path / "labels.json") == Labels(("ä", "b"))
    (tmp_path / "broken.json").write_text('{"type": "lengthwise.data.codecs.labels:Labels"}')
    with pytest.raises(ValueError, match="must be a saved Labels codec"):
        load_codec(tmp_path / "broken.json")


def test_what_is_no_class_is_nothing():
    assert Labels(("a", "b")).decode([1]) == "" and Labels(("a", "b")).decode([]) == ""
