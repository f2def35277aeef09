"""What the tests of the data room share."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Write a file into the test's folder; returns its path."""

    def call(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return call
