"""Apache Otava, which finds change points in series, reads what is exported for it. `make consumers` installs it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from perfgate.exchange.exporting import otava
from perfgate.history.store import open_history
from perfgate.testing import seeded_run

pytestmark = pytest.mark.consumers

CONFIGURATION = """
tests:
  pets:
    type: csv
    file: {file}
    time_column: time
    attributes: [commit, testbed, run]
    metrics:
      median: {{column: "create_pet/POST /pet/http_req_duration_med", direction: -1}}
      other: {{column: "create_user/POST /user/http_req_duration_med", direction: -1}}
"""


@pytest.fixture
def analyze(tmp_path):
    """Let Otava look at the runs of a history: analyze(runs) -> what it prints."""
    beside = Path(__file__).parents[2] / ".otava" / "bin" / "otava"
    command = str(beside) if beside.exists() else shutil.which("otava")
    if command is None:
        pytest.skip("there is no otava: make consumers")

    def run(runs):
        with open_history(tmp_path / "perfgate.db", create=True) as history:
            for one in runs:
                history.save_run(one)
            exported = [(stored, history.results(stored.record.id)) for stored in history.runs()]
        (tmp_path / "otava.csv").write_text("".join(otava.write(exported)))
        (tmp_path / "otava.yaml").write_text(CONFIGURATION.format(file=tmp_path / "otava.csv"))
        done = subprocess.run(
            [command, "analyze", "pets", "--since", "2020-01-01"],
            env={**os.environ, "OTAVA_CONFIG": str(tmp_path / "otava.yaml")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def brief(number, **options):
    return seeded_run(number, **{"rounds": 2, "requests_per_round": 40} | options)


def test_otava_finds_the_commit_that_made_it_slower(analyze):
    runs = [brief(number, change=0.5 if number >= 8 else 0.0) for number in range(16)]
    lines = analyze(runs).splitlines()
    change = next(place for place, line in enumerate(lines) if "+" in line and "%" in line)
    after = next(line for line in lines[change:] if "2026-" in line)
    assert runs[8].record.commit in after
    assert sum("2026-" in line for line in lines) == 16


def test_otava_still_finds_it_once_a_scenario_was_added(analyze):
    """A gap in a column would leave Otava without any change point in it."""
    before = {"create_pet": {"POST /pet": 10.0}}
    runs = [brief(0, scenarios=before), *(brief(number, change=0.5 * (number >= 9)) for number in range(1, 17))]
    lines = analyze(runs).splitlines()
    change = next(place for place, line in enumerate(lines) if "+" in line and "%" in line)
    after = next(line for line in lines[change:] if "2026-" in line)
    assert runs[9].record.commit in after
    assert sum("2026-" in line for line in lines) == 16
