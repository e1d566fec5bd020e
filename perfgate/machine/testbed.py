"""The machine's fingerprint: what must be equal before stored numbers may be compared."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path

from perfgate.metrics.run import Testbed

_CPUINFO = Path("/proc/cpuinfo")
_GIB = 2**30
_ID_LENGTH = 12


def read_testbed(environment: Mapping[str, str]) -> Testbed:
    """This machine. environment: GitHub's runners name their image in ImageOS and ImageVersion."""
    image_name, image_version = environment.get("ImageOS", ""), environment.get("ImageVersion", "")
    cpu_model = read_cpu_model()
    cores = os.cpu_count() or 1
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Testbed(
        id=testbed_id(cpu_model, cores, memory_bytes, image_name),
        cpu_model=cpu_model,
        cores=cores,
        memory_bytes=memory_bytes,
        kernel=f"{platform.system()} {platform.release()}",
        image=f"{image_name} {image_version}".strip(),
    )


def testbed_id(cpu_model: str, cores: int, memory_bytes: int, image_name: str) -> str:
    """Equal for equal machines. Memory counts in whole GiB, for the kernel keeps a little more or less for itself; the
    image's version does not count, for it changes every week, and neither does the kernel.
    """
    fingerprint = "\n".join([cpu_model, str(cores), str(round(memory_bytes / _GIB)), image_name])
    return hashlib.sha256(fingerprint.encode()).hexdigest()[:_ID_LENGTH]


def read_cpu_model(cpuinfo: Path = _CPUINFO) -> str:
    """The name of the CPU model, or its closest substitute. cpuinfo: where Linux describes its CPUs."""
    try:
        return cpu_model_of(cpuinfo.read_text(errors="replace"))
    except OSError:
        return _mac_cpu_model() or platform.processor() or platform.machine()


def cpu_model_of(cpuinfo: str) -> str:
    """The model in the text of /proc/cpuinfo. ARM gives numbers instead of names there."""
    facts: dict[str, str] = {}
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), " ".join(value.split()))
    if facts.get("model name"):
        return facts["model name"]
    numbers = [
        f"{name.removeprefix('CPU ')} {facts[name]}" for name in ("CPU implementer", "CPU part") if name in facts
    ]
    return ", ".join([platform.machine(), *numbers])


def _mac_cpu_model() -> str:
    try:
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except OSError:
        return ""
