"""A real repository with a commit per run, and what git makes of it."""

import subprocess
from pathlib import Path

from perfgate.history.store import open_history
from perfgate.testing import seeded_run
from tests.support.histories import first_rounds

RUNS = 40

# 2,000 when it was written. Over hundreds of commits git adds whole copies to that: see history/schema.
MOST_BYTES_PER_RUN = 2400


def test_forty_commits_of_four_scenarios_with_five_request_names_pack_into_2400_bytes_each(tmp_path):
    def git(*arguments):
        # Several threads look for less to pack with: how large it gets would depend on the cores.
        settings = ("user.name=perfgate", "user.email=perfgate@example.com", "gc.auto=0", "pack.threads=1")
        told = [word for setting in settings for word in ("-c", setting)]
        subprocess.run(["git", "-C", tmp_path, *told, *arguments], check=True, capture_output=True)

    git("init", "--quiet")
    for number in range(RUNS):
        run = seeded_run(number, rounds=3)
        with open_history(tmp_path / "perfgate.db", create=True) as history:
            for count in range(1, 4):
                for scenario_run in run.scenarios:
                    history.save(run.record, first_rounds(scenario_run, count))
            history.finish(run.record.id)
        git("add", "perfgate.db")
        git("commit", "--quiet", "--message", f"run {number}")
    git("gc", "--quiet", "--prune=now")
    (pack,) = Path(tmp_path, ".git/objects/pack").glob("*.pack")
    assert pack.stat().st_size / RUNS < MOST_BYTES_PER_RUN
