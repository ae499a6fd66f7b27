import subprocess
import sys
from pathlib import Path

import pytest

from lengthwise import catalog

PROBLEMS = '''
"""A family."""
from lengthwise.data.problem import Problem
import torch_is_not_needed_to_list_names

def corpus() -> Problem:
    """First line.

    Second line.
    """

def quoted() -> "problem.Problem": ...
def _private() -> Problem: ...
def other() -> int: ...
def bare(): ...
'''
MODELS = '''
def tiny() -> NetConfig:
    """Small."""
def _helper() -> NetConfig: ...
def build() -> Net: ...
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    for kind, family, text in [
        ("problems", "speech", PROBLEMS),
        ("models", "net", MODELS),
        ("models", "_hidden", MODELS),
        ("recipes", "speech", "def run() -> Experiment: ..."),
    ]:
        (tmp_path / kind).mkdir(exist_ok=True)
        (tmp_path / kind / "__init__.py").write_text("")
        (tmp_path / kind / f"{family}.py").write_text(text)
    monkeypatch.setattr(catalog, "_PACKAGE", tmp_path)
    catalog.names.cache_clear()
    yield tmp_path
    catalog.names.cache_clear()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def test_names_are_public_factories_with_the_first_line_of_their_docstring(package: Path):
    assert catalog.names("problems") == {"speech.corpus": "First line.", "speech.quoted": ""}
    assert catalog.names("models") == {"net.tiny": "Small."}
    assert catalog.names("recipes") == {"speech.run": ""}


def test_a_kind_without_a_folder_has_no_names(package: Path):
    (package / "recipes" / "speech.py").unlink()
    assert catalog.names("recipes") == {}


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("models", "net.tyni", "There is no model `net.tyni`. Did you mean `net.tiny`?"),
        ("problems", "speech.corpsu", "Did you mean `speech.corpus`?"),
        ("problems", "zebra", "There is no problem `zebra`. `lengthwise list problems` shows them all."),
        ("recipes", "speech.corpus", "is not a recipe but a problem. Give it as `--problem speech.corpus`."),
        ("recipes", "net.tiny", "is not a recipe but a model. Give it as `--model net.tiny`."),
        ("problems", "speech.run", "is not a problem but a recipe. Give it as `speech.run` alone."),
        ("models", "speech", "There is no model `speech`."),
    ],
)
def test_an_unknown_name_is_answered_with_what_was_meant(package: Path, kind, name, message):
    with pytest.raises(ValueError) as caught:
        catalog.find(kind, name)
    assert message in str(caught.value)


def test_every_name_of_the_library_is_found():
    for kind in ("problems", "models", "recipes"):
        for name in catalog.names(kind):
            assert callable(catalog.find(kind, name)), name


def test_a_function_from_the_working_directory_is_found(elsewhere: Path):
    (elsewhere / "my_zoo").mkdir()
    (elsewhere / "my_zoo" / "apes.py").write_text("def gorilla():\n    return 7\n")
    assert catalog.find("models", "my_zoo.apes:gorilla")() == 7


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_zoo:x", "there is no module `no_zoo` here"),
        ("cat_zoo.inner:x", "there is no module `cat_zoo.inner` here"),
        ("cat_zoo:tigr", "`cat_zoo` has no function `tigr`. Did you mean `tiger`?"),
        ("cat_zoo:NUMBER", "`cat_zoo` has no function `NUMBER`."),
        ("cat zoo:x", "must be `package.module:function`, such as `my_package.my_problems:mine`"),
        (":x", "must be `package.module:function`"),
    ],
)
def test_a_wrong_name_from_outside_is_answered_in_one_line(elsewhere: Path, name, message):
    (elsewhere / "cat_zoo").mkdir()
    (elsewhere / "cat_zoo" / "__init__.py").write_text("NUMBER = 3\ndef tiger(): ...\n")
    with pytest.raises(ValueError) as caught:
        catalog.find("problems", name)
    assert message in str(caught.value)
    sys.modules.pop("cat_zoo", None)


def test_an_import_that_fails_inside_a_user_module_is_not_hidden(elsewhere: Path):
    (elsewhere / "broken_zoo.py").write_text("import not_installed_anywhere\n")
    with pytest.raises(ModuleNotFoundError, match="not_installed_anywhere"):
        catalog.find("models", "broken_zoo:x")


def test_listing_names_does_not_import_torch():
    code = "import sys; from lengthwise import catalog; [catalog.names(k) for k in catalog._RETURNS]; "
    subprocess.run([sys.executable, "-c", code + "assert 'torch' not in sys.modules"], check=True)
