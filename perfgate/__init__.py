"""perfgate: a CI performance gate for HTTP services. Base and head are measured in pairs and judged honestly.

A scenario file needs two names from here:

    from perfgate import User, scenario

    @scenario(vus=20, duration="20s", thresholds={"http_req_duration": ["p(95)<500ms"]})
    def read_pet(user: User):
        user.get("/pet/1")

The plan of the house; data flows down this list, and a room imports only from the rooms above it:

    errors       one family of errors with hints
    popen        child processes, and the signals that they get
    texts        texts of files, in the encodings that other programs write
    tokens       tokens of a job, and how they are withheld
    units        durations, sizes and percentages, read and written
    version      the version of this package
    extras       the libraries that are installed on demand only
    git          git, called as a process
    github       the pull request: event, comment, annotations
    metrics      what is measured: histogram, tally, round, run, threshold
    machine      the machine that measures: its CPUs, their usage, the testbed
    petstore     the embedded service, a program of its own
    scenario     scenarios and their load profiles; finding and loading scenario files
    compare      from samples to comparisons: the statistics
    history      the SQLite file of all runs, and its life in git
    load         from a scenario and a URL to rounds of measurements
    service      target strings, and what makes a running service of them
    explain      profiles of both sides -> the functions that take more time; facts of both -> what else differs
    bisecting    which commit of a line did it: the search
    verdict      comparisons, thresholds and validity folded into one verdict
    config       perfgate.toml as values
    exchange     other tools' files to stored runs and back
    report       a verdict as terminal table, markdown, JSON, JUnit and page
    scaffold     the files that `perfgate init` proposes
    testing      the fakes that ship beside the real things
    application  what the commands do: plan, measure, judge, share the history
    cli          the commands; the only place that prints and exits

compare, history, load and service do not know one another, nor do config, exchange, report, scaffold and testing.
setup.cfg holds all of this as a contract. Importing perfgate patches and starts nothing.
"""

from typing import TYPE_CHECKING, Any

# The name means the decorator here, and also the room that it comes from; from-imports tell the two apart.
from perfgate.scenario.decorator import scenario

if TYPE_CHECKING:
    from perfgate.scenario.user import Response, User
else:

    def __getattr__(name: str) -> Any:
        """The types, only for scenario files that name them: the command line starts without."""
        if name not in ("Response", "User"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from perfgate.scenario import user

        return getattr(user, name)


__all__ = ["Response", "User", "scenario"]
