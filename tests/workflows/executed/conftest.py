"""What several of the executed workflows begin with."""

import pytest

from tests.support.events import push
from tests.support.sources import checked_out


@pytest.fixture
def push_to_main(forge, runner, tmp_path):
    """push_to_main(source) commits to main and executes its workflow; the commit, of which main has the history now."""

    def pushed(source):
        before = forge.git("rev-parse", "main")
        after = source.commit("Document", {"README.md": "Pets"})
        work = checked_out(forge, tmp_path / "work", "refs/heads/main", 2)
        ran = runner.execute(work, "perfgate.yml", "push", push(before, after))
        assert ran.code == 0, ran.log
        assert forge.git("rev-parse", "main^") == after
        assert forge.git("diff", "--name-only", "main^", "main") == "history/perfgate.db"
        return after

    return pushed
