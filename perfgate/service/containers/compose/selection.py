"""Services of a compose file: the one that takes the load, and all that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from perfgate.errors import UsageError, nearest

Raw = Mapping[str, Any]
"""A service, as `docker compose config` resolves it."""

_OTHER = "service:"


def chosen_service(services: Mapping[str, Raw], wanted: str | None, shown: str) -> str:
    """The name of the service that takes the load.

    wanted: compose_service of the settings; without it, the only one that can be meant: that is built and publishes a
    port, is built, or publishes a port. shown: the file in messages. UsageError where there is none, or several.
    """
    if wanted is not None:
        if wanted in services:
            return wanted
        meant = nearest(wanted, services)
        hint = f"did you mean {meant!r}?" if meant else "compose_service under [service] names one of them"
        raise UsageError(f"{shown} has no service {wanted}: {_listed(services)}", hint)
    built = [name for name, raw in services.items() if raw.get("build")]
    publishing = [name for name, raw in services.items() if raw.get("ports")]
    for candidates in ([name for name in built if name in publishing], built, publishing, list(services)):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            break
    hint = f'say which one takes the load: compose_service = "{(candidates or ["app"])[0]}" under [service]'
    raise UsageError(f"{shown} has several services: {_listed(candidates or services)}", hint)


def needed_by(services: Mapping[str, Raw], name: str) -> tuple[str, ...]:
    """The services that one needs, and those that these need, without itself."""
    found = [name]
    for one in found:  # it grows meanwhile
        found += [other for other in dict.fromkeys(_needs(services[one])) if other in services and other not in found]
    return tuple(found[1:])


def tcp_ports(raw: Raw) -> tuple[int, ...]:
    """The ports in its container that a service publishes, or, where it publishes none, those that it exposes."""
    published = [int(port["target"]) for port in raw.get("ports") or () if port.get("protocol", "tcp") == "tcp"]
    exposed = [str(port).partition("/") for port in raw.get("expose") or ()]
    return tuple(
        dict.fromkeys(published or [int(port) for port, _, kind in exposed if port.isdecimal() and kind in ("", "tcp")])
    )


def restart_policy(raw: Raw) -> str:
    """When the file has a service started again after an end: "no", "on-failure", "always", "unless-stopped"."""
    policy = (raw.get("deploy") or {}).get("restart_policy")
    if policy:
        condition = str(policy.get("condition") or "any")
        return {"none": "no", "any": "always"}.get(condition, condition)
    return str(raw.get("restart") or "no").partition(":")[0]


def _needs(raw: Raw) -> Iterator[str]:
    yield from raw.get("depends_on") or ()
    yield from (str(link).partition(":")[0] for link in raw.get("links") or ())
    yield from (str(one).partition(":")[0] for one in raw.get("volumes_from") or () if not one.startswith("container:"))
    for key in ("network_mode", "pid", "ipc"):
        value = str(raw.get(key) or "")
        if value.startswith(_OTHER):
            yield value.removeprefix(_OTHER)


def _listed(names: Any) -> str:
    return ", ".join(names) or "it has none"
