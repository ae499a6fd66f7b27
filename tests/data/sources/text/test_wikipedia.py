import pytest

from lengthwise.data.problem import Rejected
from lengthwise.data.sources.client import Offline
from lengthwise.data.sources.text.wikipedia import WikipediaLeads


@pytest.mark.packages
@pytest.mark.slow
def test_there_are_66_thousand_leads_each_title_once():
    source = WikipediaLeads()
    try:
        source.fetch()
    except Offline as error:
        pytest.skip(str(error))
    rows = [row for row in source.read() if not isinstance(row, Rejected)]
    titles = [row["document"] for row in rows]
    assert len(titles) == len(set(titles)) > 66_000
    assert all(str(row["targets"]).startswith(f"{row['document']}\n") for row in rows)
    apart = next(WikipediaLeads(has_titles_apart=True).read())
    assert not isinstance(apart, Rejected)
    assert f"{apart['targets']}\n{apart['inputs']}" == rows[0]["targets"]
