"""--workers where nothing is played by workers."""

from pathlib import Path

import pytest

from perfgate import scenario
from perfgate.application.bench.engines import refuse_idle_workers
from perfgate.errors import UsageError
from perfgate.scenario import Script
from perfgate.scenario.profile import ConstantVUs

SCRIPTS = [Script(name, "k6", ConstantVUs(1, 1.0), (), Path(f"{name}.js"), 1) for name in ("create_pet", "order_pet")]


@scenario
def read_pet(user): ...


def test_workers_for_scripts_alone_are_refused():
    with pytest.raises(UsageError) as caught:
        refuse_idle_workers(SCRIPTS, 2)
    assert "--workers does nothing for create_pet, order_pet" in caught.value.message
    assert "PERFGATE_WORKERS" in caught.value.hint


@pytest.mark.parametrize(("scenarios", "workers"), [(SCRIPTS, None), ([*SCRIPTS, read_pet], 2), ([read_pet], 2)])
def test_workers_that_have_something_to_do_or_that_nobody_asked_for_are_not(scenarios, workers):
    refuse_idle_workers(scenarios, workers)
