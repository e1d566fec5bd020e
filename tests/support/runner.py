"""A runner on this machine: nektos/act executes workflows in containers, with no network but the machine's own."""

import itertools
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.deciding import decided, valid
from tests.support.forge import OWNER, TOKEN
from tests.support.toolbox import BASE_IMAGE, HERE

# Short, and beside others: what the cases differ in is made large enough for that.
_BRIEF = {
    "PERFGATE_ROUND": "0.12s",
    "PERFGATE_DURATION": "2s",
    "PERFGATE_VUS": "4",
    "PERFGATE_MARGIN": "50%",  # no noise gets over it
}

# A budget that pays for enough pairs to prove a large difference.
_DECISIVE = "14s"

# On GitHub a job runs on the machine itself, and sees what the service's container uses there.
_ON_THE_MACHINE = "--pid host --cgroupns host -v /sys/fs/cgroup:/sys/fs/cgroup:ro"

_STAND_INS = ("upload-artifact", "download-artifact", "upload-pages-artifact", "deploy-pages")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Ran:
    """A workflow that was executed. code: 0 where every job succeeded. run: its id. log: all that was said."""

    code: int
    run: int
    log: str

    def output(self, name):
        """An output of perfgate's own step, as the log has it; "" where there is none."""
        return dict(re.findall(r"::set-output:: ([\w-]+)=(.*)", self.log)).get(name, "")

    def job(self, name):
        """Whether a job succeeded; None where it was not started."""
        found = re.search(rf"\[[^\]]*{re.escape(name)} *\] 🏁  Job (succeeded|failed)", self.log)
        return found and found[1] == "succeeded"


@dataclass(frozen=True)
class Provisions:
    """What a job would take from the network. source: what perfgate/perfgate@v1 is. wheels: what pip finds. installed:
    where the virtual environment is.
    """

    source: Path
    wheels: Path
    installed: Path


class Runner:
    """Executes workflows. folder: for its own files; artifacts: those that were uploaded, in a folder for each run."""

    def __init__(self, act, forge, folder, provisions):
        self._act = act
        self._forge = forge
        self._folder = folder
        self._provisions = provisions
        folder.mkdir()
        self._runs = itertools.count(1001)
        self.artifacts = folder / "artifacts"
        self.artifacts.mkdir()

    def decide(self, work, workflow, name, event, verdict=lambda ran: ran.output("verdict")):
        """Execute a workflow with a budget for a verdict, until it has one. verdict: of what was executed."""
        return decided(lambda: self.execute(work, workflow, name, event, _DECISIVE), verdict)

    def compare(self, work, workflow, name, event):
        """Execute a workflow for sides that are equal, until no neighbour makes it invalid."""
        return valid(lambda: self.execute(work, workflow, name, event), lambda ran: int(ran.output("exit-code") or 0))

    def execute(self, work, workflow, name, event, budget="3s"):
        """Execute a workflow of a checked-out work tree for an event. budget: of each scenario of a duet."""
        run = next(self._runs)
        file = self._folder / f"event-{run}.json"
        file.write_text(json.dumps(event))
        fork = event.get("pull_request", {}).get("head", {}).get("repo", {}).get("fork", False)
        self._forge.api.permitted = not fork  # GitHub gives it a token that may only read
        command = [
            *(self._act, name, "--directory", work, "--workflows", f".github/workflows/{workflow}"),
            *("--eventpath", file, "--platform", f"ubuntu-latest={BASE_IMAGE}", "--secret", f"GITHUB_TOKEN={TOKEN}"),
            *("--pull=false", "--action-offline-mode", "--no-cache-server", "--rm", "--insecure-secrets"),
            *("--container-options", " ".join((_ON_THE_MACHINE, *(f"-v {folder}" for folder in self._folders())))),
            *itertools.chain.from_iterable(("--local-repository", one) for one in self._actions(work)),
            *itertools.chain.from_iterable(
                ("--env", f"{key}={value}") for key, value in self._variables(run, budget).items()
            ),
        ]
        home = {"HOME": str(self._folder), "XDG_CACHE_HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder)}
        done = subprocess.run(
            [*map(str, command)],
            env={**os.environ, **home},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=400,
            check=False,
        )
        return Ran(done.returncode, run, _COLOURS.sub("", done.stdout))

    def _folders(self):
        """What the job's container has of this machine; /tmp is RUNNER_TEMP there."""
        shared = self._provisions
        return (f"{shared.wheels}:/wheels:ro", f"{shared.installed}:/tmp/perfgate", f"{self.artifacts}:/artifacts")

    def _actions(self, work):
        """Our action, and stand-ins for those that no package registry has; actions/checkout act does by itself."""
        text = "\n".join(file.read_text() for file in Path(work, ".github", "workflows").glob("*.yml"))
        used = set(re.findall(rf"uses: (actions/(?:{'|'.join(_STAND_INS)})@[0-9a-f]+)", text))
        return [
            f"perfgate/perfgate@v1={self._provisions.source}",
            *(f"{one}={HERE / 'actions' / one.split('@')[0].split('/')[1]}" for one in sorted(used)),
        ]

    def _variables(self, run, budget):
        return {
            **_BRIEF,
            "PERFGATE_BUDGET": budget,
            "GITHUB_RUN_ID": run,
            "GITHUB_REPOSITORY": OWNER,
            "GITHUB_SERVER_URL": self._forge.url,
            "GITHUB_API_URL": self._forge.api.url,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": "/wheels",
        }
