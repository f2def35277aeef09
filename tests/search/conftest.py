"""A PostgreSQL server for the tests that have one, started once."""

import pytest

from tests.stand_ins import postgres


@pytest.fixture(scope="session")
def server():
    reason = postgres.what_is_missing()
    if reason:
        pytest.skip(reason)
    with postgres.running() as url:
        yield url
