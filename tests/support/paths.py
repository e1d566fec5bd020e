"""Where the repository lies, and the Python that runs its tests: in a folder whose name may have blanks."""

import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
QUOTED_PYTHON = shlex.quote(sys.executable)
"""A word of a command that a shell reads, or perfgate.toml."""
