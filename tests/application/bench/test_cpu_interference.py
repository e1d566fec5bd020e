"""What is said of the CPUs during a round."""

import sys

import pytest

from perfgate.application.bench.cpu_interference import CpuInterference
from perfgate.machine.cpus import CpuSets
from perfgate.metrics.run import GeneratorRecord


@pytest.mark.skipif(sys.platform != "linux", reason="the accounts are those of Linux")
@pytest.mark.parametrize("here", [True, False])
def test_a_generator_on_other_machines_is_not_charged_to_the_cpus_of_this_one(here):
    generator = GeneratorRecord("locust", 3, "kernel", 0, 0.0, 0.0, 0.0, 0.9, None, here=here)
    watch = CpuInterference(CpuSets((0,), (0,)), [])
    watch.start()
    watch.stop()
    environment = watch.environment(generator, 0.0)
    assert (environment.generator is not None) is here
    assert environment.service is not None
