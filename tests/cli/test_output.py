import pytest

from lengthwise.cli.output import check_output


def test_a_file_that_can_be_written_is_fine(tmp_path):
    check_output(None, "--output")
    check_output(tmp_path / "new.txt", "--output")


@pytest.mark.parametrize(("name", "message"), [("missing/out.txt", "folder that exists"), ("", "is a folder")])
def test_what_cannot_be_written_is_said_before_the_work(tmp_path, name, message):
    with pytest.raises(ValueError, match=f"`--json .*{message}"):
        check_output(tmp_path / name, "--json")
