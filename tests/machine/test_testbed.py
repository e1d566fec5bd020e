"""The machine as a testbed with an id."""

from __future__ import annotations

from pathlib import Path

from perfgate.machine import testbed as room
from perfgate.machine.testbed import cpu_model_of, read_cpu_model, read_testbed

GIB = 2**30
RUNNER = {"ImageOS": "ubuntu24", "ImageVersion": "20261101.1.0"}


def test_this_machine_has_a_testbed_with_a_stable_id() -> None:
    testbed = read_testbed(RUNNER)
    assert testbed == read_testbed(RUNNER)
    assert testbed.cpu_model
    assert testbed.cores >= 1
    assert testbed.memory_bytes > 0
    assert testbed.kernel
    assert testbed.image == "ubuntu24 20261101.1.0"


def test_a_new_version_of_the_runner_image_is_the_same_testbed() -> None:
    assert read_testbed(RUNNER).id == read_testbed({**RUNNER, "ImageVersion": "20261201.1.0"}).id


def test_without_a_runner_image_there_is_a_testbed_all_the_same() -> None:
    assert read_testbed({}).image == ""


def test_the_id_tells_machines_apart_and_forgives_a_few_megabytes() -> None:
    one = room.testbed_id("AMD EPYC 7763", 4, 16 * GIB, "ubuntu24")
    assert one == room.testbed_id("AMD EPYC 7763", 4, 16 * GIB - GIB // 3, "ubuntu24")
    others = {
        room.testbed_id("AMD EPYC 9V74", 4, 16 * GIB, "ubuntu24"),
        room.testbed_id("AMD EPYC 7763", 2, 16 * GIB, "ubuntu24"),
        room.testbed_id("AMD EPYC 7763", 4, 8 * GIB, "ubuntu24"),
        room.testbed_id("AMD EPYC 7763", 4, 16 * GIB, "ubuntu22"),
    }
    assert len(others | {one}) == 5


def test_the_cpu_model_is_read_from_cpuinfo() -> None:
    text = "processor\t: 0\nmodel name\t: AMD EPYC 7763  64-Core Processor\n\nprocessor\t: 1\nmodel name\t: other\n"
    assert cpu_model_of(text) == "AMD EPYC 7763 64-Core Processor"


def test_an_arm_cpu_is_told_by_its_numbers() -> None:
    text = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"
    assert cpu_model_of(text).endswith("implementer 0x41, part 0xd0c")


def test_without_cpuinfo_the_platform_names_the_cpu(tmp_path: Path) -> None:
    assert read_cpu_model(tmp_path / "absent")
