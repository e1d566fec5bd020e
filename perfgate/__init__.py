"""perfgate: a CI performance gate for HTTP services. Base and head are measured in pairs and judged honestly.

A scenario file needs two names from here:

    from perfgate import User, scenario

    @scenario(vus=20, duration="20s", thresholds={"http_req_duration": ["p(95)<500ms"]})
    def read_pet(user: User):
        user.get("/pet/1")

The plan of the house; data flows down this list, and a room imports only from the rooms above it:

    errors, units  one family of errors with hints; durations, sizes and percentages, read and written
    git            git, called as a process
    metrics        what is measured: histogram, tally, round, run, threshold
    scenario       scenarios and their load profiles; finding and loading scenario files
    service        target strings, and what makes a running service of them
    load           from a scenario and a URL to rounds of measurements
    history        the SQLite file of all runs
    compare        from samples to comparisons: the statistics
    verdict        comparisons, thresholds and validity folded into one verdict
    report         a verdict as terminal table, markdown, JSON, JUnit and chart
    github         the pull request: event, comment, annotations
    exchange       other tools' files to stored runs and back
    cli            the commands; the only place that prints and exits

service, load, history and compare do not know one another. Importing perfgate patches and starts nothing.
"""

# The name means the decorator here, and also the room that it comes from; from-imports tell the two apart.
from perfgate.scenario.decorator import scenario
from perfgate.scenario.user import Response, User

__all__ = ["Response", "User", "scenario"]
