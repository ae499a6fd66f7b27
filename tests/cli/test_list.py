import pytest

from lengthwise import catalog
from lengthwise.cli.list import command


@pytest.fixture(autouse=True)
def package(tmp_path, monkeypatch):
    for kind, file, text in [
        ("problems", "translation", 'def to_german() -> Problem:\n    """English to German."""\n'),
        ("problems", "code", 'def sort() -> Problem:\n    """Sort numbers."""\n'),
        ("models", "transformer", 'def tiny() -> TransformerConfig:\n    """Small."""\n'),
    ]:
        (tmp_path / kind).mkdir(exist_ok=True)
        (tmp_path / kind / f"{file}.py").write_text(text)
    monkeypatch.setattr(catalog, "_PACKAGE", tmp_path)
    catalog.names.cache_clear()
    yield
    catalog.names.cache_clear()


def test_everything_is_listed_under_its_kind(capsys):
    command()
    assert capsys.readouterr().out.splitlines() == [
        "problems:",
        "  code.sort              Sort numbers.",
        "  translation.to_german  English to German.",
        "models:",
        "  transformer.tiny  Small.",
    ]


def test_one_kind_is_listed_plainly(capsys):
    command("models")
    assert capsys.readouterr().out == "transformer.tiny  Small.\n"


@pytest.mark.parametrize("text", ["GERMAN", "to_ger"])
def test_a_filter_looks_at_names_and_descriptions(text, capsys):
    command(None, text)
    assert capsys.readouterr().out == "problems:\n  translation.to_german  English to German.\n"


def test_a_filter_without_a_match_is_said():
    with pytest.raises(ValueError, match="Nothing has `zebra`"):
        command("problems", "zebra")


def test_an_unknown_kind_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"`model` must be problems, models or recipes\. Did you mean `models`\?"):
        command("model")
