"""Facts of a container, from what Docker says of it and of its image."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from perfgate.explain.differences.facts import BASE_IMAGE, COMMAND, SERVICE, FactKind, Sheet
from perfgate.explain.differences.own_values import OwnValues
from perfgate.units import format_bytes

if TYPE_CHECKING:
    from perfgate.service.containers.settings_in_use import ContainerSettings

# Languages and servers whose images tell their version in a variable; others use such names for versions of their own.
_RUNTIMES = {
    **{name: name.lower() for name in ("PYTHON", "NODE", "JAVA", "RUBY", "PHP", "RUST", "PERL", "ELIXIR", "DENO")},
    **{name: name.lower() for name in ("BUN", "DOTNET", "ASPNET", "NGINX", "REDIS", "VALKEY", "MARIADB", "TOMCAT")},
    **{name: name.lower() for name in ("MYSQL", "MONGO", "RABBITMQ", "MEMCACHED", "HAPROXY", "JETTY", "JRUBY")},
    "GOLANG": "go",
    "PG": "postgres",
    "OTP": "erlang",
}
_VERSION = re.compile(r"([A-Z]+)_VERSION")
# Images that perfgate builds, or keeps of a state: their names are hashes.
_OWN_IMAGES = "perfgate-"


def container_facts(settings: ContainerSettings, own: OwnValues, place: str = SERVICE) -> tuple[Sheet, ...]:
    """What is known of a container."""
    variables = own.compared(settings.environment)
    runtimes = {name: found for name in variables if (found := _runtime(name))}
    image = "" if settings.image.startswith(_OWN_IMAGES) else own.neutral(settings.image)
    images = {"image": image, BASE_IMAGE: settings.first_layer}
    limits = {
        "CPUs": "" if settings.cpus is None else f"{settings.cpus:g}",
        "memory": "" if settings.memory is None else format_bytes(settings.memory),
    }
    return (
        Sheet(FactKind.RUNTIME, place, {runtime: variables[name] for name, runtime in runtimes.items()}),
        Sheet(FactKind.LIMIT, place, {name: value or "no limit" for name, value in limits.items()}),
        Sheet(FactKind.IMAGE, place, {name: value for name, value in images.items() if value}),
        Sheet(FactKind.COMMAND, place, {COMMAND: own.neutral(shlex.join(settings.command))}),
        Sheet(FactKind.ENVIRONMENT, place, {name: text for name, text in variables.items() if name not in runtimes}),
    )


def _runtime(variable: str) -> str:
    match = _VERSION.fullmatch(variable)
    return _RUNTIMES.get(match[1], "") if match else ""
