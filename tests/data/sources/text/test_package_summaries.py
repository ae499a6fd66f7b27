import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.text.package_summaries import MATERIAL, SECTIONS, PackageSections, PackageSummaries

LONG = " ".join(f"word{number}" for number in range(40))


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """An index as apt writes it, in the cache's place."""
    stanzas = [
        ("liba1", "1", "library of a", LONG),
        ("liba-dev", "2", "headers of a", LONG.replace("word39", "header")),
        ("b-tools", "3", "tools", " ".join(f"other{number}" for number in range(40))),
        ("b-data", "4", "data of b", " ".join(f"data{number}" for number in range(35))),
        ("short", "5", "nothing", "too short"),
        ("twin", "3", "tools", "never read: the checksum is that of b-tools"),
    ]
    text = "\n\n".join(
        f"Package: {package}\nDescription-md5: {digest}\nDescription-en: {summary}\n {body}\n"
        for package, digest, summary, body in stanzas
    )
    tree = MATERIAL._entry.tree
    tree.mkdir(parents=True, exist_ok=True)
    (tree / "Translation-en").write_text(text)
    (tree / "sources.tsv").write_text("liba1\tone\nliba-dev\ttwo\nb-tools\tb\nb-data\tb")


def test_packages_of_one_source_and_those_that_are_alike_are_one_document(index):
    rows = list(PackageSummaries().read())
    bad = [row for row in rows if isinstance(row, Rejected)]
    good = {row["where"]: row for row in rows if not isinstance(row, Rejected)}
    assert [(row.where, row.is_bad) for row in bad] == [("short", False)]
    assert set(good) == {"liba1", "liba-dev", "b-tools", "b-data"}
    assert good["liba1"]["targets"] == "library of a" and good["liba1"]["inputs"] == LONG
    assert good["liba1"]["document"] == good["liba-dev"]["document"] != good["b-tools"]["document"]
    assert good["b-tools"]["document"] == good["b-data"]["document"]


def test_descriptions_are_classed_by_their_packages_section(index):
    tree = SECTIONS._entry.tree
    tree.mkdir(parents=True, exist_ok=True)
    (tree / "sections.tsv").write_text("liba1\tcontrib/libs\nb-tools\tutils\nb-data\tutils\n")
    rows = [row for row in PackageSections().read() if not isinstance(row, Rejected)]
    assert [(row["where"], row["targets"]) for row in rows] == [
        ("liba1", "libs"),
        ("b-tools", "utils"),
        ("b-data", "utils"),
    ]
    assert str(rows[0]["inputs"]).startswith("library of a\nword0 ")


@pytest.mark.packages
@pytest.mark.slow
def test_debian_describes_forty_thousand_packages():
    source = PackageSummaries()
    try:
        source.fetch()
    except SourceError as error:
        pytest.skip(str(error))
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    assert len(rows) > 40_000 and len({row["document"] for row in rows}) > 15_000
