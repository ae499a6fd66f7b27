import sys

import pytest

from lengthwise.data.sources.client import ClientFailed, Offline, call


def failing(message: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.stderr.write({message!r}); sys.exit(100)"]


def test_the_output_comes_back_and_the_client_speaks_english():
    assert call([sys.executable, "-c", "import os; print(os.environ['LC_ALL'])"]).strip() == b"C"


def test_a_failure_is_one_line_with_the_first_error():
    with pytest.raises(ClientFailed) as caught:
        call(failing("W: something\nE: Unable to locate package x\nE: more\n"))
    assert str(caught.value).endswith("failed: E: Unable to locate package x")
    assert "\n" not in str(caught.value) and "W: something" in caught.value.output


@pytest.mark.parametrize("message", ["Err: Could not resolve 'example.org'", "NewConnectionError: refused"])
def test_a_missing_network_is_told_from_other_failures(message):
    with pytest.raises(Offline, match="Connect to the network"):
        call(failing(message))


def test_a_silent_failure_still_says_something():
    with pytest.raises(ClientFailed, match="no message"):
        call(failing(""))
