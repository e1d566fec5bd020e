"""The simulations on their page are run, and print what stands below them."""

import re
import subprocess
import sys

import pytest

from tests.support.pages import DOCS
from tests.support.paths import ROOT

PROGRAMS = re.findall(
    r'^```python title="([^"]+)"\n(.*?)^```\n\n```text\n(.*?)^```',
    (DOCS / "explanation/simulations.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)
NUMBER = re.compile(r" *\d+(?:\.\d+)?")


@pytest.mark.parametrize(("program", "printed"), [pytest.param(one[1], one[2], id=one[0]) for one in PROGRAMS])
def test_a_simulation_prints_what_the_page_says(tmp_path, program, printed):
    (tmp_path / "simulation.py").write_text(program)
    done = subprocess.run(
        [sys.executable, tmp_path / "simulation.py"], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert NUMBER.sub("#", done.stdout) == NUMBER.sub("#", printed)
    # Another libm rounds the last digit differently.
    numbers = [[float(one) for one in NUMBER.findall(text)] for text in (done.stdout, printed)]
    assert numbers[0] == pytest.approx(numbers[1], abs=2)


def test_the_page_has_its_simulations():
    assert len(PROGRAMS) == 3
