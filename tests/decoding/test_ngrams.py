import numpy as np
import pytest
import torch

from lengthwise.contracts import EOS, PAD
from lengthwise.decoding.ctc import ctc_beam_search
from lengthwise.decoding.ngrams import Ngrams

ROWS = [[3, 4, 5], [3, 4, 6], [3, 4, 5], [7]]


def test_probabilities_are_witten_bells():
    model = Ngrams(ROWS, 8, order=3)
    # Of 14 tokens 4 are ends, 3 are 3s and 4s, 2 are 5s, 1 is a 6 and a 7: six different ones.
    unigram = (np.array([0, 4, 0, 3, 3, 2, 1, 1]) + 6 / 8) / (14 + 6)
    np.testing.assert_allclose(model.probabilities([9]), unigram)
    after_4 = (np.array([0, 0, 0, 0, 0, 2, 1, 0]) + 2 * unigram) / (3 + 2)
    after_3_4 = (np.array([0, 0, 0, 0, 0, 2, 1, 0]) + 2 * after_4) / (3 + 2)
    np.testing.assert_allclose(model.probabilities([7, 3, 4]), after_3_4)
    np.testing.assert_allclose(model.probabilities([7, 3, 4]).sum(), 1)


def test_what_was_never_seen_still_has_a_probability():
    model = Ngrams([], 8)
    np.testing.assert_allclose(model.probabilities([3, 4]), 1 / 8)


def test_ends_stand_at_the_blanks_place_and_get_no_bonus():
    model = Ngrams(ROWS, 8)
    (added,) = model.continuations(0.5, bonus=2.0)([(3, 4, 5)])
    log_probs = np.log(model.probabilities([3, 4, 5]))
    assert added[PAD] == pytest.approx(0.5 * log_probs[EOS])
    np.testing.assert_allclose(added[1:], 0.5 * log_probs[1:] + 2)


def test_a_search_prefers_what_it_has_read_where_the_frames_do_not_tell():
    frames = torch.full((1, 3, 8), -20.0)
    for frame, likely in enumerate(([3], [4], [5, 6])):
        frames[0, frame, likely] = torch.log(torch.tensor(1.0 / len(likely)))
    frames[0, 2, 6] += 0.1
    lengths, language = torch.tensor([3]), Ngrams(ROWS, 8).continuations(1.0)
    assert ctc_beam_search(frames, lengths, blank=PAD, beam=4)[0].tokens == [3, 4, 6]
    fused = ctc_beam_search(frames, lengths, blank=PAD, beam=4, continuations=language)
    assert fused[0].tokens == [3, 4, 5]
