"""What else took the CPUs, from the kernel's accounts."""

import subprocess
import sys
import time

import pytest

from perfgate.machine.cpu_usage import CpuTimes, DependencyCpu, OwnCpu, parse_cpu_times, read_cpu_times, usage_between
from perfgate.machine.cpus import CpuSets

STAT = """\
cpu  600 0 100 900 50 10 20 5 0 0
cpu0 300 0 50 400 30 5 10 2 0 0
cpu1 300 0 50 500 20 5 10 3 0 0
intr 12345 0 1
ctxt 678
"""
TWO = CpuSets(generator=(0,), service=(1,))


def moment(at, spare=(0.0, 0.0), steal=(0.0, 0.0)):
    return CpuTimes(at, dict(enumerate(spare)), dict(enumerate(spare)), dict(enumerate(steal)))


def test_what_no_process_had_is_spare():
    read = parse_cpu_times(STAT, at=7.0)
    assert read.at == 7.0
    assert read.spare == pytest.approx({0: 4.47, 1: 5.38})
    assert read.idle == pytest.approx({0: 4.3, 1: 5.2})
    assert read.steal == pytest.approx({0: 0.02, 1: 0.03})


def test_a_service_that_had_its_cpu_for_itself_lost_nothing():
    seen = usage_between(moment(0.0), moment(2.0, spare=(2.0, 0.5)), TWO, OwnCpu(service=1.5, generator=0.0))
    assert (seen.service.foreign, seen.generator.foreign, seen.steal) == pytest.approx((0.0, 0.0, 0.0))
    assert (seen.service.idle, seen.generator.idle) == pytest.approx((0.25, 1.0))


def test_what_is_neither_spare_nor_own_is_foreign():
    seen = usage_between(moment(0.0), moment(2.0, spare=(0.4, 0.0)), TWO, OwnCpu(service=1.0, generator=1.2))
    assert seen.service.foreign == pytest.approx(0.5)
    assert seen.generator.foreign == pytest.approx(0.2)


def test_shares_are_of_all_cpus_of_a_set():
    four = CpuSets(generator=(0, 1), service=(2, 3))
    seen = usage_between(
        moment(0.0, (0,) * 4), moment(1.0, (1.0, 1.0, 0.0, 0.5)), four, OwnCpu(service=0.5, generator=0.0)
    )
    assert seen.service.foreign == pytest.approx(0.5)


def test_steal_is_told_though_nobody_knows_what_the_service_used():
    after = moment(1.0, steal=(0.1, 0.3))
    assert usage_between(moment(0.0), after, TWO, OwnCpu(None, None)).steal == pytest.approx(0.2)
    assert usage_between(moment(0.0), after, CpuSets((), ()), OwnCpu(None, None)).steal == pytest.approx(0.2)


def test_nothing_is_said_of_cpus_where_the_use_or_the_cpus_are_unknown():
    seen = usage_between(moment(0.0), moment(1.0), TWO, OwnCpu(None, None))
    assert (seen.service, seen.generator) == (None, None)
    seen = usage_between(moment(0.0), moment(1.0), CpuSets((), ()), OwnCpu(1.0, 1.0))
    assert (seen.service, seen.generator) == (None, None)
    seen = usage_between(moment(0.0), moment(1.0), CpuSets((0,), (7,)), OwnCpu(1.0, 1.0))
    assert seen.service is None


def test_a_system_without_such_accounts_gives_none(tmp_path):
    assert read_cpu_times(tmp_path / "stat") is None


def test_clock_rates_are_read_where_the_system_tells_them(tmp_path):
    (tmp_path / "stat").write_text(STAT)
    for cpu, kilohertz in ((0, "2000000"), (1, "3000000")):
        (tmp_path / f"cpu{cpu}" / "cpufreq").mkdir(parents=True)
        (tmp_path / f"cpu{cpu}" / "cpufreq" / "scaling_cur_freq").write_text(f"{kilohertz}\n")
    read = read_cpu_times(tmp_path / "stat", tmp_path)
    assert read.frequency == {0: 2e9, 1: 3e9}
    assert usage_between(read, read, TWO, OwnCpu(None, None)).frequency == pytest.approx(2.5e9)
    assert usage_between(read, read, CpuSets((), (1,)), OwnCpu(None, None)).frequency == pytest.approx(3e9)
    silent = read_cpu_times(tmp_path / "stat", tmp_path / "nowhere")
    assert usage_between(read, silent, TWO, OwnCpu(None, None)).frequency is None


def test_a_greedy_process_is_seen_on_this_machine():
    before = read_cpu_times()
    code = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    subprocess.run([sys.executable, "-c", code], check=True)
    after = read_cpu_times()
    everything = CpuSets((), tuple(after.spare))
    seen = usage_between(before, after, everything, OwnCpu(0.0, 0.0))
    # What this process and the neighbours used comes on top; interrupts may have taken a little.
    assert seen.service.foreign * (after.at - before.at) * len(after.spare) > 0.3


def test_a_quiet_moment_is_read_in_the_right_unit():
    started, before = time.monotonic(), read_cpu_times()
    time.sleep(0.3)
    after, ended = read_cpu_times(), time.monotonic()
    # Each of five accounts goes in steps of 10 ms.
    assert all(after.spare[cpu] - before.spare[cpu] < ended - started + 0.1 for cpu in after.spare)


ANYWHERE = frozenset({0, 1})


def dependency_of(seconds, cpus=ANYWHERE):
    return (DependencyCpu(seconds, frozenset(cpus)),)


def test_a_dependency_is_no_neighbour_wherever_it_ran():
    after = moment(2.0, spare=(0.5, 0.5))
    seen = usage_between(moment(0.0), after, TWO, OwnCpu(1.0, 1.0, dependency_of(1.0)))
    assert (seen.service.foreign, seen.generator.foreign) == pytest.approx((0.0, 0.0))
    assert seen.dependencies_beside_generator == pytest.approx(0.25)


def test_a_dependency_hides_no_neighbour():
    # The dependency used half a second of each CPU, the neighbour a whole one of the service's.
    after = moment(2.0, spare=(0.5, 0.0))
    seen = usage_between(moment(0.0), after, TWO, OwnCpu(0.5, 1.0, dependency_of(1.0)))
    assert (seen.service.foreign, seen.generator.foreign) == pytest.approx((0.375, 0.125))
    assert seen.service.foreign + seen.generator.foreign == pytest.approx(0.5)  # all of what it took is told


@pytest.mark.parametrize("dependency", [0.02, 0.4, 1.6])
def test_neighbours_that_are_everywhere_are_as_many_however_hard_a_dependency_works(dependency):
    # A tenth of each CPU is theirs; the dependency works on both.
    left = 2.0 - 0.2 - dependency / 2
    after = moment(2.0, spare=(left, left))
    seen = usage_between(moment(0.0), after, TWO, OwnCpu(0.0, 0.0, dependency_of(dependency)))
    assert (seen.service.foreign, seen.generator.foreign) == pytest.approx((0.1, 0.1))


def test_a_dependency_that_runs_on_the_services_cpus_alone_is_taken_from_those():
    after = moment(2.0, spare=(0.0, 0.5))
    seen = usage_between(moment(0.0), after, TWO, OwnCpu(1.0, 1.0, dependency_of(0.5, {1})))
    assert (seen.service.foreign, seen.generator.foreign) == pytest.approx((0.0, 0.5))
    assert seen.dependencies_beside_generator == 0.0


def test_a_dependency_that_also_runs_elsewhere_hides_no_neighbour_either():
    # A third CPU, on which the dependency used all its time; on the service's a neighbour did.
    after = moment(2.0, spare=(1.0, 0.0, 0.5))
    seen = usage_between(moment(0.0, (0,) * 3), after, TWO, OwnCpu(0.5, 1.0, dependency_of(1.5, {0, 1, 2})))
    assert seen.service.foreign == pytest.approx(0.75)
