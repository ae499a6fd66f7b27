import pytest

from lengthwise.data.sources.parallel.catalogues import Catalogues
from lengthwise.data.sources.parallel.descriptions import PackageDescriptions
from lengthwise.data.sources.parallel.docbook import DebianHandbook, GimpHelp
from lengthwise.data.sources.parallel.libreoffice import LibreOfficeHelp
from lengthwise.data.sources.parallel.man_pages import ManPages
from lengthwise.data.sources.parallel.reader import ParallelReader

READERS = [Catalogues, DebianHandbook, GimpHelp, LibreOfficeHelp, ManPages, PackageDescriptions]


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_says_what_it_is_and_what_it_needs(reader):
    assert issubclass(reader, ParallelReader)
    assert reader.name.islower() and reader.licence
    assert reader("de").material != reader("fr").material
    assert reader("de") == reader("de")


def test_names_are_unique():
    assert len({reader.name for reader in READERS}) == len(READERS)
