"""Where the repository lies, and the folders of recorded files in it."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
