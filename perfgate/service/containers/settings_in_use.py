"""What a container runs with: its image, its command, its environment and its limits. To be imported late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from perfgate.errors import PerfgateError
from perfgate.service.containers.engine import ENGINE_ERRORS, connect

_CPU_UNITS = 1e9


@dataclass(frozen=True)
class ContainerSettings:
    """The settings of one container.

    image: its name, as the container was made from it.
    first_layer: the hash of the layer at the bottom of the image; "" where that is unknown.
    environment: its variables, those of the image too; not to be shown as they are.
    command: the words of its entrypoint and its command.
    cpus: how many CPUs it may use; None for no limit.
    memory: the limit of its memory (bytes); None for no limit.
    """

    image: str
    first_layer: str
    environment: Mapping[str, str] = field(repr=False)
    command: Sequence[str]
    cpus: float | None
    memory: int | None


def settings_in_use(container: str, environment: Mapping[str, str]) -> ContainerSettings | None:
    """The settings of a container; None where the engine does not tell. container: its id."""
    with suppress(OSError, PerfgateError, KeyError, *ENGINE_ERRORS):
        client = connect(environment)
        try:
            told = client.api.inspect_container(container)
            image = client.api.inspect_image(told["Image"])
        finally:
            client.close()
        return _settings(told, image)
    return None


def _settings(told: Mapping[str, Any], image: Mapping[str, Any]) -> ContainerSettings:
    config, host = told["Config"], told["HostConfig"]
    pairs = (entry.partition("=") for entry in config.get("Env") or ())
    layers = (image.get("RootFS") or {}).get("Layers") or [""]
    return ContainerSettings(
        image=str(config.get("Image", "")),
        first_layer=str(layers[0]),
        environment={name: value for name, _, value in pairs},
        command=(*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())),
        cpus=_cpus(host),
        memory=host.get("Memory") or None,
    )


def _cpus(host: Mapping[str, Any]) -> float | None:
    if host.get("NanoCpus"):
        return float(host["NanoCpus"]) / _CPU_UNITS
    if (host.get("CpuQuota") or 0) > 0:
        return float(host["CpuQuota"]) / float(host.get("CpuPeriod") or 100_000)
    return None
