from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lengthwise.data.problem import Rejected, Report, Source
from lengthwise.data.sources.joined import Joined
from lengthwise.data.sources.speech.folder import SpeechFolder


@dataclass(frozen=True)
class Listed(Source):
    rows: Sequence[Mapping[str, object] | Rejected]
    name: str = "listed"
    licence: str = "none"

    def fetch(self, report: Report | None = None) -> None: ...

    def checksums(self) -> dict[str, str]:
        return {"rows": repr(self.rows)}

    def read(self) -> Iterator[Mapping[str, object] | Rejected]:
        return iter(self.rows)


def test_rows_keep_what_they_are_and_say_whose():
    bad = Rejected(reason="broken", where="x:1")
    first = Listed([{"inputs": "a", "targets": "b", "document": "scene", "where": "x:2"}, bad])
    second = Listed([{"inputs": 3, "targets": "b", "document": None}, {"targets": "c", "document": "scene"}])
    assert list(Joined(sources={"game": first, "prompts": second}).read()) == [
        {"inputs": "a", "targets": "b", "document": "scene", "where": "x:2", "part": "game"},
        bad,
        {"inputs": 3, "targets": "b", "document": None, "part": "prompts"},
        {"targets": "c", "document": "scene", "part": "prompts"},
    ]


def test_everything_is_fetched_and_known_by_whose_it_is(tmp_path: Path):
    (tmp_path / "a.wav").write_bytes(b"sound")
    (tmp_path / "a.txt").write_text("what is said")
    source = Joined(sources={"own": SpeechFolder(str(tmp_path)), "listed": Listed([], licence="CC0")}, name="both")
    source.fetch()
    assert set(source.checksums()) == {f"own/{tmp_path}/a.wav", f"own/{tmp_path}/a.txt", "listed/rows"}
    assert (source.name, source.licence) == ("both", "CC0; your own")
    assert {SpeechFolder, Listed} <= set(source.code())
