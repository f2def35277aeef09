"""Debian's chromium for the tests of pages: what it opens may not fail, and may not leave the machine."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def playwright_or_skip() -> Any:
    """Playwright, where it is installed."""
    return pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")


@contextmanager
def started_chromium() -> Iterator[Any]:
    """Start the browser, where there is one, and end it."""
    sync = playwright_or_skip()
    if not CHROMIUM:
        pytest.skip("needs a browser: apt-get install chromium")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def watched(browser: Any, **options: Any) -> Iterator[Callable[..., Any]]:
    """Give a function that opens a file; afterwards no page may have failed or asked for anything elsewhere."""
    context = browser.new_context(viewport={"width": 1300, "height": 900}, **options)
    faults, requests = [], []

    def open_at(file: Path, address: str = "") -> Any:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{file.as_uri()}{address}")
        return page

    yield open_at
    context.close()
    assert faults == []
    assert [url for url in requests if not url.startswith(("file:", "blob:"))] == []
