"""A site of 10,000 runs of four scenarios: how long it takes to write and to open, and how large it is.

    python -m tests.bench.site [--runs 10000] [--times 3] [--history FILE]

Writing is a process of its own, start-up included. Opening is a headless Chromium (playwright and Debian's chromium), a
new one each time: until the first page is there, and until the page of a scenario has drawn its charts and a run.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.large_history import make_history, seconds_of

_PAGES = {"index.html": "main", "scenarios/order_pet.html": "body[data-run]"}
_BYTES = 10_000_000


def main() -> None:
    """Write, measure, open, and print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=10_000)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--history", type=Path, help="of an earlier call of tests.bench.large_history --keep")
    wanted = options.parse_args()
    with TemporaryDirectory(prefix="perfgate-bench-") as name:
        folder = Path(name)
        history = wanted.history.absolute() if wanted.history else folder / "perfgate.db"
        if not wanted.history:
            make_history(history, wanted.runs)
        walls, cpus = zip(*(write(history, folder) for _ in range(wanted.times)), strict=True)
        print(f"written in {min(walls):.2f} s at least, {max(walls):.2f} s at most; {min(cpus):.2f} s of CPU")
        files = [path for path in (folder / "site").rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files):,} files, {size / 1e6:.2f} MB, the largest {max(map(size_of, files)) / 1e6:.2f} MB")
        for page, shown in _PAGES.items():
            times = [opened(folder / "site" / page, shown) for _ in range(wanted.times)]
            print(f"{page} opened in {min(times):.2f} s at least, {max(times):.2f} s at most")
        print(f"\nwanted: written in under 5 s, opened in under 2 s, under {_BYTES / 1e6:.0f} MB")


def write(history: Path, folder: Path) -> tuple[float, float]:
    """Wall time and CPU time of writing the site anew."""
    shutil.rmtree(folder / "site", ignore_errors=True)
    return seconds_of(["site", "site", "--history", str(history)], folder)


def size_of(path: Path) -> int:
    """Bytes of a file."""
    return path.stat().st_size


def opened(page: Path, shown: str) -> float:
    """Seconds until what is shown last is there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        began = time.perf_counter()
        tab.goto(page.as_uri())
        tab.locator(shown).wait_for(state="attached")
        took = time.perf_counter() - began
        browser.close()
    return took


if __name__ == "__main__":
    main()
