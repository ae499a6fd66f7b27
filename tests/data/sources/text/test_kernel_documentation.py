import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.cache import SourceError
from lengthwise.data.sources.client import Offline
from lengthwise.data.sources.text.kernel_documentation import KernelDocumentation


@pytest.mark.packages
@pytest.mark.slow
def test_there_are_28_megabytes_in_thousands_of_documents():
    source = KernelDocumentation()
    try:
        source.fetch()
    except (Offline, SourceError) as error:
        pytest.skip(str(error))
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    assert len({row["document"] for row in rows}) > 3000
    assert 25e6 < sum(len(str(row["targets"])) for row in rows) < 32e6
