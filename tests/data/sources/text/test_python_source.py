from itertools import islice

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.text.python_source import StandardLibrary, files


def test_programs_of_a_package_are_one_document():
    names = {path.name for _, path in files()}
    assert {"ast.py", "argparse.py"} < names and len(names) > 500
    assert not any("site-packages" in path.parts for _, path in files())
    rows = [row for row in islice(StandardLibrary().read(), 300) if not isinstance(row, Rejected)]
    argparse = [str(row["targets"]) for row in rows if row["document"] == "argparse"]
    assert argparse and "def add_argument" in "".join(argparse)


def test_the_version_counts():
    (name,) = StandardLibrary().checksums()
    assert name.startswith("python 3.")
