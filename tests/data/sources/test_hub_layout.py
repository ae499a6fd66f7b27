import pytest

from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.hub_layout import layout_of, main_config


def readme(configs):
    return f"---\nlicense: mit\nconfigs:\n{configs}---\n# A data set\n---\n"


def test_without_a_readme_names_of_files_and_folders_tell_the_splits():
    names = ["README.md", "data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/test.csv",
             "dev/a.jsonl", "data/notes.txt", ".cache/train.csv", "data/other.csv"]  # fmt: skip
    assert layout_of(names, "") == {
        "default": {"test": ["data/test.csv"], "train": names[1:3], "validation": ["dev/a.jsonl"]}
    }


def test_where_no_name_tells_a_split_all_is_train():
    assert layout_of(["b.csv", "a.csv"], "no head") == {"default": {"train": ["a.csv", "b.csv"]}}
    assert layout_of(["contest/trained.csv"], "---\n- a list\n---\n") == {"default": {"train": ["contest/trained.csv"]}}


def test_the_readme_decides_where_it_names_files():
    head = readme(
        "- config_name: en\n  default: true\n  data_files:\n  - split: train\n    path: en/*.parquet\n"
        "  - split: test\n    path: [en/held/a.csv, en/held/b.csv]\n"
        "- config_name: de\n  data_dir: de\n- config_name: all\n  data_files: '*.parquet'\n"
        "- config_name: fr\n  data_dir: ./fr/\n  data_files: ./*.csv\n"
        "- config_name: gone\n  data_files: gone/*\n"
    )
    names = [
        "en/0.parquet",
        "en/1.parquet",
        "en/held/a.csv",
        "en/held/b.csv",
        "de/train.csv",
        "de/test.csv",
        "fr/a.csv",
    ]
    found = layout_of(names, head)
    assert found == {
        "en": {"train": names[:2], "test": names[2:4]},
        "de": {"train": ["de/train.csv"], "test": ["de/test.csv"]},
        "all": {"train": names[:2]},
        "fr": {"train": ["fr/a.csv"]},
    }
    assert main_config(found, head) == "en"


def test_one_of_several_configurations_must_be_named():
    head = readme("- config_name: b\n  data_files: b.csv\n- config_name: a\n  data_files: a.csv\n")
    with pytest.raises(SourceError, match="one of b, a: hub:owner/name/a"):
        main_config(layout_of(["a.csv", "b.csv"], head), head)


@pytest.mark.parametrize(
    ("names", "head", "message"),
    [
        ([], "", "must have files ending in .parquet"),
        (["a.txt", "_a.csv"], "", "must have files ending in .parquet"),
        (["a.csv"], "---\na: [\n---\n", "must be YAML"),
    ],
)
def test_what_can_not_be_read_is_one_line(names, head, message):
    with pytest.raises(SourceError, match=message):
        layout_of(names, head)
