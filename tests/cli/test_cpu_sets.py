"""Which CPUs the service and the generator had, and that the run says so."""

import os

import pytest

from perfgate.service.opening import open_target
from perfgate.service.settings import LaunchContext
from perfgate.service.target import parse_target
from tests.support.command import BRIEF

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="there is nothing to split"
)


@pytest.fixture
def cpus(perfgate):
    """cpus("--target", "petstore") is what the history says about CPUs after a run with these options."""

    def measure(*options):
        done = perfgate("run", *BRIEF, *options, "--history", "runs.db")
        assert done.code == 0, done.err
        shown = perfgate("history", "show", "latest", "--history", "runs.db").out
        return next(line for line in shown.splitlines() if "CPUs" in line)

    return measure


def test_the_configuration_chooses_the_cpus_of_the_service_and_an_option_outweighs_it(folder, cpus):
    first, second = sorted(os.sched_getaffinity(0))[:2]
    with (folder / "perfgate.toml").open("a") as file:
        file.write(f'[service]\ncpus = "{first}"\n')
    assert f"service {first}" in cpus()
    assert f"service {second}" in cpus("--cpus", str(second))


def test_a_process_behind_a_url_has_the_cpus_of_the_service_while_it_is_measured(cpus):
    first = sorted(os.sched_getaffinity(0))[0]
    with open_target(parse_target("petstore"), LaunchContext()) as petstore:
        (process,) = petstore.instance.processes()
        before = os.sched_getaffinity(process)
        assert f"service {first}" in cpus("--target", petstore.instance.url, "--cpus", str(first))
        assert os.sched_getaffinity(process) == before
