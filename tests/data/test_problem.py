import pytest

from lengthwise.data.codecs.text import Subwords


def test_a_shared_vocabulary_needs_equal_codecs(problem_of):
    with pytest.raises(ValueError, match="`inputs` and `targets` must be the same codec .* is_shared=False"):
        problem_of([], inputs=Subwords(300), targets=Subwords(400))


def test_two_vocabularies_may_differ(problem_of):
    problem = problem_of([], inputs=Subwords(300), targets=Subwords(400), is_shared=False)
    assert problem.inputs != problem.targets


def test_a_length_without_room_for_a_token_is_refused(problem_of):
    with pytest.raises(ValueError, match="`max_length` must be at least 2 .* but is 1"):
        problem_of([], max_length=1)
