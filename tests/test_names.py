import pytest

from lengthwise.names import did_you_mean, nearest

MODELS = ["transformer.tiny", "transformer.small", "transformer.base", "recurrent.tiny"]


@pytest.mark.parametrize(
    ("word", "candidates", "best"),
    [
        ("transfomer.tiny", MODELS, "transformer.tiny"),
        ("Transformer.Base", MODELS, "transformer.base"),
        ("layers", ["num_layers", "num_heads", "d_model"], "num_layers"),
        ("trian.steps", ["train.steps", "train.minutes"], "train.steps"),
        ("learning_rate", ["train.optimizer.learning_rate", "model.d_model"], "train.optimizer.learning_rate"),
        ("transf", MODELS, "transformer.base"),
    ],
)
def test_the_nearest_name_comes_first(word, candidates, best):
    assert nearest(word, candidates)[0] == best


def test_a_word_like_nothing_has_no_nearest_name():
    assert nearest("zebra", MODELS) == []
    assert did_you_mean("zebra", MODELS) == ""


def test_no_more_names_than_asked_for_and_each_once():
    assert len(nearest("transformer", MODELS * 2, count=2)) == 2
    assert len(set(nearest("transformer", MODELS * 2, count=9))) == 3


def test_far_names_are_left_out_beside_a_close_one():
    assert nearest("trian.steps", ["train.steps", "train.minutes"]) == ["train.steps"]


def test_one_name_is_a_sentence():
    assert did_you_mean("d_modle", ["d_model", "num_heads"]) == " Did you mean `d_model`?"


def test_several_names_are_a_sentence():
    assert did_you_mean("ab_c", ["ab_d", "ab_e"]) == " Did you mean `ab_d` or `ab_e`?"
