import pytest

from lengthwise.data.prepared import Prepared
from lengthwise.run import Run, load, prepare_data


@pytest.fixture
def trained(tiny_run) -> Run:
    return load(tiny_run)


@pytest.fixture
def prepared(trained) -> Prepared:
    return prepare_data(trained.experiment)
