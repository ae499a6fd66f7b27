import json

from lengthwise.data.curation.pipeline import Curation
from lengthwise.data.problem import Rejected
from lengthwise.data.sources.curated import Curated
from lengthwise.data.sources.text.files import TextFiles

TEXT = "one two three four five six seven eight nine ten"


def source(tmp_path, *records):
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return TextFiles((str(path),))


def test_rows_of_evaluation_stay_and_others_are_cleaned(tmp_path):
    inner = source(
        tmp_path, {"text": TEXT}, {"text": TEXT}, {"text": TEXT, "split": "test"}, {"text": "twelve", "split": "train"}
    )
    rows = list(Curated(inner, Curation(quality=None)).read())
    assert [row.reason if isinstance(row, Rejected) else row["split"] for row in rows] == [
        "test",
        None,
        "exact copy",
        "train",
    ]
    assert not any(row.is_bad for row in rows if isinstance(row, Rejected))


def test_settings_and_evaluation_sets_are_part_of_what_was_prepared(tmp_path):
    (tmp_path / "asked.txt").write_text(TEXT)
    inner = source(tmp_path, {"text": TEXT})
    plain, asked = Curated(inner), Curated(inner, Curation(against=(str(tmp_path / "asked.txt"),)))
    asked.fetch()
    assert inner.checksums().items() <= plain.checksums().items()
    assert len(asked.checksums()) == len(plain.checksums()) + 1
    assert (asked.name, asked.licence, type(inner) in set(asked.code())) == (inner.name, inner.licence, True)
