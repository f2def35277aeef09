"""How large the page of a plagiarism report is, how long it takes to write, and how quick it is in a browser.

    python recipes/bench/report_page.py --documents 15 100 500

Folders are made (`_made_documents.py`, 1,500 words a document); then a third of the documents take three paragraphs
from one of a few, so that there are groups, and pairs within them. They are compared by words alone, which is not
timed. Timed are `write_report` (CPU seconds, with JSON and CSV), and in a fresh page of chromium, from the disk: the
first paint, one move of the slider until everything is drawn anew, and the opening of the first pair. Needs playwright
and chromium; without them the page is only written. `--keep DIR` keeps the reports, to be looked at.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from _common import options_of
from _made_documents import made_folder

from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.report.files import write_report
from siamese_text.records import Document

MEMBERS = 8  # documents that take from one source, about
TAKEN = 3  # paragraphs
_MOVE = """() => {
  const mark = document.getElementById("least"), start = performance.now();
  mark.value = "5";
  mark.dispatchEvent(new Event("input"));
  return new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))));
}"""
_OPEN = """() => {
  const start = performance.now();
  location.hash = "#pair-0";
  return new Promise(done => {
    const look = () => document.querySelector("#reader .sides") ? done(performance.now() - start) : setTimeout(look, 1);
    look();
  });
}"""
_PAINT = """() => new Promise(done => {
  const look = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    if (paint) done(paint.startTime); else setTimeout(look, 5);
  };
  look();
})"""


def main() -> None:
    """Make the folders, check them, and print a row for each."""
    parser = options_of(__doc__, data=False)
    parser.add_argument("--documents", type=int, nargs="+", default=[15, 100, 500])
    parser.add_argument("--keep", type=Path, help="folder that keeps the reports")
    asked = parser.parse_args()
    print("| documents | pairs | CPU s to write | page MB | beside MB | first paint s | slider s | pair s |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for count in asked.documents:
        findings = check_documents(copied(count), None)
        with tempfile.TemporaryDirectory() as place:
            start = time.process_time()
            page = write_report(findings, Path(place) / "report")
            seconds = time.process_time() - start
            cells = [f"{count:,}", f"{len(findings.pairs):,}", f"{seconds:.1f}", *_sizes(page), *_in_browser(page)]
            print("| " + " | ".join(cells) + " |", flush=True)
            if asked.keep:
                shutil.copytree(page.parent, asked.keep / str(count), dirs_exist_ok=True)


def copied(count: int) -> list[Document]:
    """Make documents of which a third have three paragraphs from one of a few others."""
    documents = made_folder(count).documents
    rng = random.Random(count)
    takers = rng.sample(range(count), count // 3)
    sources = [number for number in range(count) if number not in takers][: max(1, len(takers) // MEMBERS)]
    for taker in takers:
        paragraphs = documents[rng.choice(sources)].text.split("\n\n")
        first = rng.randrange(max(1, len(paragraphs) - TAKEN))
        own = documents[taker].text.split("\n\n")
        own[len(own) // 2 : len(own) // 2] = paragraphs[first : first + TAKEN]
        documents[taker] = replace(documents[taker], text="\n\n".join(own))
    return documents


def _sizes(page: Path) -> Sequence[str]:
    beside = sum(file.stat().st_size for file in (page.parent / "texts").glob("*.js"))
    return f"{page.stat().st_size / 1e6:.1f}", f"{beside / 1e6:.1f}"


def _in_browser(page: Path) -> Sequence[str]:
    """Return the seconds of the first paint, of a move of the slider, and of the opening of a pair."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        browser = None
    if browser is None:
        return ["–"] * 3
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        tab = opened.new_page()
        tab.goto(page.as_uri())
        figures = [tab.evaluate(script) for script in (_PAINT, _MOVE, _OPEN)]
        opened.close()
    return [f"{figure / 1000:.2f}" for figure in figures]


if __name__ == "__main__":
    main()
