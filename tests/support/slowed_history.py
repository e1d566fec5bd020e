"""A repository of the embedded petstore whose commits give every request more or less to compute."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.command import QUICK
from tests.support.paths import ROOT
from tests.support.repository import Repository

SCENARIO = """
from perfgate import scenario

@scenario(vus=2, duration="30s")
def read_pet(user):
    user.get("/store/inventory")
"""

# Tests run beside whatever else runs on the machine.

# What a build would be: it takes no time, and fails where a commit says so. A build that runs is noted.
_SERVICE = f"""
[service]
build_command = "sh build.sh"
command = "sh -c 'exec {sys.executable} -m perfgate.petstore --port {{port}} --work $(cat work)'"
path = "/api/v3"
"""
_BUILD = 'echo "$(git rev-parse HEAD)" >> {notes}\ntest ! -e broken\n'


class SlowedHistory(Repository):
    """It begins with a good commit.

    notes: the file that each build adds its commit to.
    measure: what perfgate.toml says of the measuring.
    """

    def __init__(self, folder: Path, work: str, notes: Path, measure: str = QUICK) -> None:
        self.notes = notes
        files = {"perfgate.toml": measure + _SERVICE, "build.sh": _BUILD.format(notes=notes)}
        super().__init__(folder, work=work, **files)
        (folder / "scenarios").mkdir()
        ignored = ".perfgate/\n__pycache__/\n*.db\n"
        self.good = self.commit(**{"scenarios/read_pet.py": SCENARIO, ".gitignore": ignored})
        self.environment["PYTHONPATH"] = str(ROOT)

    def change_work(self, work: str) -> str:
        """A commit after which every request computes for so long."""
        return self.commit(work=work)

    def change_document(self) -> str:
        """A commit that no service is made of."""
        lines = self.git("rev-list", "--count", "HEAD")
        return self.commit(**{"README.md": f"Read me {lines} times."})

    def change_code(self) -> str:
        """A commit that changes what the service is made of, and nothing that it spends."""
        return self.commit(code=self.git("rev-list", "--count", "HEAD"))

    def break_build(self) -> str:
        """A commit that does not build; the next one must mend it."""
        return self.commit(broken="yes")

    def mend_build(self) -> None:
        """Take back what broke the build; the next commit has it."""
        (self.folder / "broken").unlink()

    def merge(self, work: str | None = None) -> str:
        """A merge of a branch of two commits; with `work` that changes what every request computes."""
        number = self.git("rev-list", "--count", "HEAD")
        self.git("switch", "--quiet", "--create", f"side-{number}")
        self.commit(**{f"side-{number}": "first"})
        if work is None:
            self.commit(**{f"side-{number}": "second"})
        else:
            self.change_work(work)
        self.git("switch", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge side-{number}", f"side-{number}")
        return self.git("rev-parse", "HEAD")

    def builds(self) -> list[str]:
        """The commits that were built, in order."""
        return self.notes.read_text().split() if self.notes.exists() else []

    def perfgate(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """perfgate in the repository, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "perfgate", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
