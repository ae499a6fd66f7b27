import pytest

from lengthwise.data.codecs.text import Subwords
from lengthwise.decoding.stops import cut, ends_of


@pytest.mark.parametrize(
    ("text", "found"), [("a\nb\nc", "a"), ("abc", "abc"), ("", ""), ("\nb", ""), ("xSTOP\n", "x"), ("xSTO", "xSTO")]
)
def test_a_text_ends_before_the_first_stop(text, found):
    assert cut(text, ["\n", "STOP"]) == found


@pytest.mark.parametrize("stops", [("): r",), ("\U0001f600x",), ("\n",), ("never", " uro")])
def test_a_stop_is_seen_with_the_token_that_ends_it(stops):
    codec = Subwords(300).fit(iter(["def f(x): return x", "a long line of words and words"] * 3))
    ends = ends_of(stops, codec.decode)
    assert ends is not None
    tokens = codec.encode("def f(x): return 1 \U0001f600x\n and €uro uro, a long line of words and words")
    for count in range(1, len(tokens) + 1):
        before, now = (any(stop in codec.decode(tokens[:end]) for stop in stops) for end in (count - 1, count))
        if before:
            break
        assert ends(tokens[:count]) == now
    assert before


def test_no_stops_end_nothing():
    assert ends_of((), str) is None
