"""The bench: what runs on which CPUs, and what its records say of that."""

import os
import sys
from pathlib import Path

import pytest

from perfgate.application.bench import bench as bench_module
from perfgate.application.bench.bench import ALONE, Bench
from perfgate.application.bench.loaded_side import LoadedSide
from perfgate.application.context import Context
from perfgate.application.plan import LoadOptions
from perfgate.application.planning import plan_measurement
from perfgate.errors import TargetError
from perfgate.machine.cpus import CpuSets
from perfgate.service.target import parse_target
from tests.support.paths import QUOTED_PYTHON
from tests.support.repository import Repository
from tests.support.stacks import FILES

CPUS = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
pytestmark = pytest.mark.skipif(len(CPUS) < 2, reason="takes Linux, and two CPUs")
SETTINGS = f"""
[service]
command = "{QUOTED_PYTHON} service.py {{port}}"
env = {{ DB = "{{db.url}}" }}

[[dependencies]]
name = "db"
command = "{QUOTED_PYTHON} database.py {{port}} {{data}}"
"""
SCENARIO = "from perfgate import scenario\n@scenario(vus=1, duration='1s')\ndef s(user):\n    user.get('/')\n"


class Silent:
    """A ProgressReporter that tells nobody."""

    def __getattr__(self, _):
        return lambda *_: None


@pytest.fixture
def open_bench(tmp_path):
    """A bench with one target, a service with a database."""
    repository = Repository(tmp_path / "shop", **FILES, **{"perfgate.toml": SETTINGS})
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "s.py").write_text(SCENARIO)
    context = Context(Path(repository.folder), repository.environment, print)
    options = LoadOptions(scenarios, *[None] * 10)
    plan = plan_measurement(context, options, ())
    return lambda: Bench(context, plan, {ALONE: parse_target("ref:HEAD")}, "run", Silent())


def test_dependencies_have_cpus_of_their_own_where_there_are_enough(open_bench, monkeypatch):
    """Here there are not: what would be theirs is the generator's."""
    sets = CpuSets((CPUS[0],), (CPUS[1],), (CPUS[0],))
    monkeypatch.setattr(bench_module, "set_dependencies_apart", lambda *_: sets)
    with open_bench() as bench:
        (database,) = bench.service(ALONE).instance.dependencies
        assert os.sched_getaffinity(database.pid) == {CPUS[0]}
        assert bench.record(ALONE).cpus == {
            "generator": [CPUS[0]],
            "service": [CPUS[1]],
            "dependencies": [CPUS[0]],
        }
        assert LoadedSide(bench, ALONE).dependency_cpus == 1
    assert sorted(os.sched_getaffinity(0)) == CPUS


@pytest.mark.skipif(len(CPUS) > 3, reason="there are enough CPUs here")
def test_else_they_share_the_services(open_bench):
    with open_bench() as bench:
        cpus = bench.record(ALONE).cpus
        assert cpus["dependencies"] == cpus["service"]
        assert LoadedSide(bench, ALONE).dependency_cpus == 0


def test_a_service_that_does_not_answer_for_a_moment_has_not_ended(open_bench, monkeypatch):
    with open_bench() as bench:
        instance = bench.service(ALONE).instance
        with monkeypatch.context() as patched:
            patched.setattr(type(instance), "alive", lambda _: False)
            assert "ended during the round" in bench.trouble(ALONE)
            with pytest.raises(TargetError, match="is gone"):
                bench.confirm_running()
        assert bench.trouble(ALONE) == ""
        bench.confirm_running()
