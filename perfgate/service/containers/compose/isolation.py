"""A compose file that may stand beside itself: one project for each side and instance, and nothing that two share.

https://docs.docker.com/reference/compose-file/, as `docker compose config` resolves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfgate.service.containers.compose.findings import Findings
from perfgate.service.containers.compose.health import has_check, quick
from perfgate.service.containers.compose.mounts import Mounts
from perfgate.service.containers.compose.selection import Raw, restart_policy, tcp_ports

_LOOPBACK = "127.0.0.1"
# While a stack starts, a service may wait for another one by ending; `launch` takes the policy back afterwards.
RESTARTS_AT_START = "on-failure:20"
_DROPPED = (
    *("build", "container_name", "cpuset", "deploy", "develop", "logging", "ports", "profiles", "pull_policy"),
    *("restart", "scale", "external_links", "mac_address"),
)
# What is written without end must not fill the disk; the last lines are all that is ever shown.
_LOGGING = {"driver": "json-file", "options": {"max-size": "4m", "max-file": "2"}}
_HOST = "host.docker.internal"


@dataclass(frozen=True)
class Isolation:
    """What makes a project one of its own.

    project: its name.
    folder: the tree that it is started from.
    labels: of everything that the engine makes for it.
    cpus: the CPUs of its services; empty for all.
    images: the image of each service that is built, by the service's name.
    port: where the service that takes the load listens; None for what the file says.
    env: its variables, beside those of the file.
    memory: its limit (bytes); None for that of the file.
    api: the version of the engine's interface.
    checkout: the user's own work tree, which the tree is not; None where it is not known.
    """

    project: str
    folder: Path
    labels: Mapping[str, str]
    cpus: tuple[int, ...]
    images: Mapping[str, str]
    port: int | None
    env: Mapping[str, str]
    memory: int | None
    api: str
    checkout: Path | None = None


@dataclass(frozen=True)
class IsolatedProject:
    """A compose file, ready to be started.

    plain: the file as plain values.
    writes_tree: whether a service may write into the tree that it is started from.
    """

    plain: Mapping[str, Any]
    writes_tree: bool


def isolate(
    plain: Mapping[str, Any], app: str, needed: tuple[str, ...], isolation: Isolation, findings: Findings
) -> IsolatedProject:
    """The compose file with a service and those that it needs. plain: as `docker compose config` resolves it."""
    mounts = Mounts(plain.get("volumes") or {}, isolation.folder, isolation.checkout, isolation.labels, findings)
    services = {name: plain["services"][name] for name in (app, *needed)}
    isolated = {name: _service(name, raw, isolation, mounts, findings) for name, raw in services.items()}
    _add_settings(isolated[app], services[app], isolation)
    networks = {
        name: _network(name, (plain.get("networks") or {}).get(name), isolation, findings)
        for name in dict.fromkeys(name for raw in services.values() for name in raw.get("networks") or ())
    }
    kept = {key: plain[key] for key in ("configs", "secrets") if plain.get(key)}
    for key, files in kept.items():
        used = {grant.get("source") for raw in services.values() for grant in raw.get(key) or ()}
        for name, raw in files.items():
            if raw.get("file"):
                mounts.say_of_checkout(f"{key}.{name}", Path(raw["file"]))
                if name in used:
                    mounts.refuse_missing(f"{key}.{name}", Path(raw["file"]))
    return IsolatedProject(
        {"name": isolation.project, "services": isolated, "networks": networks, "volumes": mounts.volumes, **kept},
        mounts.writable,
    )


def _service(name: str, raw: Raw, isolation: Isolation, mounts: Mounts, findings: Findings) -> dict[str, Any]:
    _refuse(name, raw, findings)
    kept = {key: value for key, value in raw.items() if key not in _DROPPED and value is not None}
    kept |= {"labels": {**(raw.get("labels") or {}), **isolation.labels}, "logging": _LOGGING}
    kept |= _resources(raw)
    if name in isolation.images:
        kept["image"] = isolation.images[name]
    if isolation.cpus:
        kept["cpuset"] = ",".join(map(str, isolation.cpus))
    if restart_policy(raw) != "no":
        kept["restart"] = RESTARTS_AT_START
    if has_check(raw):
        kept["healthcheck"] = quick(raw, isolation.api)
    if raw.get("volumes"):
        kept["volumes"] = mounts.isolated(name, raw["volumes"])
    if raw.get("networks"):
        kept["networks"] = _attachments(name, raw, findings)
    if not raw.get("network_mode"):
        kept["ports"] = [_published(port) for port in tcp_ports(raw)]
        kept["extra_hosts"] = _extra_hosts(raw)
    return kept


def _add_settings(app: dict[str, Any], raw: Raw, isolation: Isolation) -> None:
    """What perfgate.toml says of the service that takes the load."""
    app["environment"] = {**(raw.get("environment") or {}), **isolation.env}
    if isolation.port is not None and "ports" in app and isolation.port not in tcp_ports(raw):
        app["ports"] = [*app["ports"], _published(isolation.port)]
    if isolation.memory is not None:
        (((app.get("deploy") or {}).get("resources") or {}).get("limits") or {}).pop("memory", None)
        app |= {"mem_limit": str(isolation.memory), "memswap_limit": str(isolation.memory)}


def _refuse(name: str, raw: Raw, findings: Findings) -> None:
    mode = str(raw.get("network_mode") or "")
    if mode == "host":
        hint = "leave network_mode out: a project has a network of its own, and perfgate finds its address"
        message = "is on the network of this machine: two of them would take the same ports"
        findings.refuse(f"services.{name}.network_mode", message, hint)
    others = [mode, *(str(raw.get(key) or "") for key in ("pid", "ipc")), *(raw.get("volumes_from") or ())]
    if any(other.startswith("container:") for other in others):
        hint = "name a service of the file in its place"
        findings.refuse(f"services.{name}", "shares with a container that is not of this project", hint)
    if raw.get("external_links"):
        findings.say(f"services.{name} has external_links, which lead out of the project and are left out")
    scale = (raw.get("deploy") or {}).get("replicas") or raw.get("scale") or 1
    if scale != 1:
        findings.say(f"services.{name} is started once, not {scale} times")


def _resources(raw: Raw) -> dict[str, Any]:
    """Limits stay; replicas, policies and placement are of a cluster."""
    resources = (raw.get("deploy") or {}).get("resources")
    return {"deploy": {"resources": deepcopy(resources)}} if resources else {}


def _extra_hosts(raw: Raw) -> list[str]:
    """With a name for this machine, where the file gives none."""
    hosts = raw.get("extra_hosts") or []
    listed = [f"{name}={place}" for name, place in hosts.items()] if isinstance(hosts, dict) else list(map(str, hosts))
    return listed if any(one.startswith(_HOST) for one in listed) else [*listed, f"{_HOST}=host-gateway"]


def _published(port: int) -> dict[str, Any]:
    """A port of the container at one of this machine's that the system chooses."""
    return {"mode": "host", "host_ip": _LOOPBACK, "target": port, "protocol": "tcp"}


def _attachments(name: str, service: Raw, findings: Findings) -> dict[str, Any]:
    kept = {}
    for network, raw in service["networks"].items():
        given = raw or {}
        fixed = [key for key in ("ipv4_address", "ipv6_address") if given.get(key)]
        if fixed:
            addresses = ", ".join(str(given[key]) for key in fixed)
            findings.say(f"services.{name} has no fixed address ({addresses}): another project may have it")
        attachment = {key: value for key, value in given.items() if key in ("aliases", "priority")}
        if service.get("container_name"):  # others may reach it by this name, which one project alone could have
            attachment["aliases"] = list(dict.fromkeys((*(given.get("aliases") or ()), service["container_name"])))
        kept[network] = attachment or None
    return kept


def _network(name: str, raw: Any, isolation: Isolation, findings: Findings) -> dict[str, Any]:
    raw = raw or {}
    driver = raw.get("driver")
    if raw.get("external"):
        findings.say(f"networks.{name} is external: each side has one of its own in its place")
    elif driver not in (None, "", "default", "bridge", "overlay"):
        hint = "leave the driver out: a bridge keeps two projects apart"
        findings.refuse(f"networks.{name}.driver", f"is {driver}, which does not keep two projects apart", hint)
    kept = {key: raw[key] for key in ("internal", "attachable") if raw.get(key)}
    return {**kept, "labels": {**(raw.get("labels") or {}), **isolation.labels}}
