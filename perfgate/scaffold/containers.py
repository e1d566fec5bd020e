"""How the service is started in a container, as a compose file or a Dockerfile has it, and which of several it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath

from perfgate.scaffold.compose import ComposeService, composed_services
from perfgate.scaffold.dockerfiles import Stage, http_port, read_dockerfile
from perfgate.scaffold.repository import Repository, is_aside

# Images that services stand on; they are not measured, even where the repository builds them itself.
_STORES = (
    r"(?:^|/)(postgres|postgis|pgvector|timescale|mysql|mariadb|percona|mssql|oracle-(?:xe|free)|mongo|couchdb|cassandra|"
    r"clickhouse|cockroach|influxdb|neo4j|redis|valkey|dragonfly|keydb|memcached|rabbitmq|kafka|redpanda|zookeeper|"
    r"activemq|pulsar|elasticsearch|opensearch|solr|meilisearch|minio|nats(?![a-z])|etcd)"
)
# Others that stand beside services, and which a service may well be built on.
_BESIDE = (
    r"|(?:^|/)(logstash|kibana|localstack|consul|vault(?![a-z])|keycloak|prometheus|grafana|loki|tempo(?![a-z])|jaeger|"
    r"zipkin|otel|opentelemetry|traefik|envoy|haproxy|pgbouncer|adminer|pgadmin|phpmyadmin|mailhog|mailpit|selenium|playwright)"
)
_STORE = re.compile(_STORES)
# Web servers, which mostly stand in front of the service, or hand out files.
_IN_FRONT = re.compile(r"(?:^|/)(nginx|caddy|httpd|haproxy|traefik|envoy|varnish|openresty)")
_INFRASTRUCTURE = re.compile(_STORES + _BESIDE)
_OF_DEVELOPERS = frozenset(
    (
        "base",
        "builder",
        "ci",
        "debug",
        "dev",
        "devel",
        "development",
        "dockerignore",
        "docs",
        "lint",
        "local",
        "test",
        "tests",
    )
)
_ROOT = PurePosixPath(".")


@dataclass(frozen=True)
class Container:
    """The service as a container.

    source: the compose file or Dockerfile that describes it.
    dockerfile: the Dockerfile that builds it, in the repository; None for an image from elsewhere.
    build: the folder or the Dockerfile that is named to build it; "" for an image from elsewhere.
    image: its image; None where a Dockerfile builds it.
    port: the port it listens on; None where nothing names one.
    needs: the other services of the compose file that it depends on.
    ready: the path that its health check asks for; "" for none.
    environment: its variables in the compose file; None for a value that is not there.
    lost: what the compose file or the build has and no setting of perfgate can say.
    """

    source: PurePosixPath
    dockerfile: PurePosixPath | None
    build: str
    image: str | None
    port: int | None
    needs: tuple[str, ...] = ()
    ready: str = ""
    environment: Mapping[str, str | None] = field(default_factory=dict)
    lost: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a person knows it by: the image, or what it is built from."""
        return self.image or f"built from {self.dockerfile}"

    @property
    def place(self) -> str:
        """Where it listens, in words."""
        return f"port {self.port}" if self.port else "a port that nothing names"


@dataclass(frozen=True)
class FoundService:
    """The container that is the service.

    container: it; None where there is none, or where nothing tells which of several it is.
    because: what it has that the others lack; "" without others.
    others: containers that could be the service and are less likely.
    equal: containers that are equally likely, where none is chosen.
    """

    container: Container | None
    because: str
    others: tuple[Container, ...]
    equal: tuple[Container, ...]


@dataclass(frozen=True)
class _Evidence:
    """What speaks for a container, the strongest first. The texts say it of the chosen one."""

    built_here: bool = field(metadata={"says": "it is built here"})
    in_use: bool = field(metadata={"says": "it is neither in a hidden folder nor started for a profile alone"})
    has_port: bool = field(metadata={"says": "it has a port"})
    behind: bool = field(metadata={"says": "it is no web server in front of others"})
    published: bool = field(metadata={"says": "its port is published"})
    described: bool = field(metadata={"says": "an OpenAPI file lies beside it"})
    composed: bool = field(metadata={"says": "it is in the compose file"})
    at_top: bool = field(metadata={"says": "it lies at the top"})
    plainly_called: bool = field(metadata={"says": "it is called Dockerfile"})

    @property
    def strength(self) -> tuple[bool, ...]:
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def beyond(self, other: _Evidence) -> str:
        """What this one has and the other lacks, "" for nothing."""
        fields = self.__dataclass_fields__.values()
        return next((one.metadata["says"] for one in fields if getattr(self, one.name) > getattr(other, one.name)), "")


def find_service(repository: Repository) -> FoundService:
    """The container that most speaks for."""
    described = {path.parent for path in repository.files if re.search("openapi|swagger", path.name.lower())}
    found: dict[str, tuple[Container, _Evidence]] = {}
    for container, evidence in sorted(
        _candidates(repository, described), key=lambda one: one[1].strength, reverse=True
    ):
        found.setdefault(container.image or container.build, (container, evidence))
    ranked = list(found.values())
    if not ranked:
        return FoundService(None, "", (), ())
    first = ranked[0][1]
    equal = tuple(container for container, evidence in ranked if evidence == first)
    others = tuple(container for container, evidence in ranked if evidence != first)
    if len(equal) > 1:
        return FoundService(None, "", others, equal)
    return FoundService(equal[0], first.beyond(ranked[1][1]) if others else "", others, ())


def _candidates(repository: Repository, described: set[PurePosixPath]) -> Iterator[tuple[Container, _Evidence]]:
    composed = composed_services(repository)
    for service in composed:
        container = _composed(repository, service)
        if container is not None:
            yield container, _evidence(repository, container, described, service)
    known = {service.dockerfile for service in composed}
    plain = [path for path in repository.files if _is_dockerfile(path) and path not in known]
    ours = [path for path in plain if not is_aside(path)]
    for path in ours or plain:
        if path not in ours:
            repository.say(f"{path} is in a folder of tests, examples or a development container")
        elif (stage := _serving(repository, path, None)) is not None:
            container = Container(path, path, _build_of(repository, path, stage), None, stage.port, ready=stage.ready)
            yield container, _evidence(repository, container, described, None)


def _evidence(
    repository: Repository, container: Container, described: set[PurePosixPath], service: ComposeService | None
) -> _Evidence:
    path = container.dockerfile
    base = container.image or (
        read_dockerfile(repository.read(path), service.stage if service else None).base if path else ""
    )
    folders = {path.parent, service.context if service and service.context else path.parent} if path else set()
    hidden = path is not None and any(part.startswith(".") for part in path.parts[:-1])
    return _Evidence(
        built_here=path is not None,
        in_use=not hidden and not (service and service.optional),
        has_port=container.port is not None,
        behind=not _IN_FRONT.search(base),
        published=bool(service and service.published),
        described=bool(folders & described),
        composed=service is not None,
        at_top=path is not None and path.parent == _ROOT,
        plainly_called=path is not None and path.name == "Dockerfile",
    )


def _is_dockerfile(path: PurePosixPath) -> bool:
    """Whether it is called Dockerfile, api.Dockerfile or Dockerfile.api, and not as what developers alone build."""
    words = re.split(r"[.-]", path.name.lower())
    called = path.name.startswith(("Dockerfile.", "Dockerfile-")) or path.suffix == ".Dockerfile"
    return path.name in ("Dockerfile", "Containerfile") or (called and not _OF_DEVELOPERS & set(words))


def _serving(repository: Repository, path: PurePosixPath, target: str | None) -> Stage | None:
    """What a Dockerfile builds; None where that is no service that answers HTTP."""
    stage = read_dockerfile(repository.read(path), target)
    if _STORE.search(stage.base):
        repository.say(f"{path} builds on {stage.base}, which a service needs and is not")
        return None
    if stage.only_other_protocols:
        repository.say(f"{path} exposes {', '.join(map(str, stage.ports))}, where nothing speaks HTTP")
        return None
    return stage


def _composed(repository: Repository, service: ComposeService) -> Container | None:
    """A service of a compose file; None where it cannot be the one that is measured."""
    published = http_port(service.published)
    if service.published and published is None:
        return None
    port = published or http_port(service.exposed)
    if service.dockerfile is not None and service.context is not None and not is_aside(service.dockerfile):
        stage = _serving(repository, service.dockerfile, service.stage)
        if stage is None:
            return None
        last = read_dockerfile(repository.read(service.dockerfile))
        build, lost = _build_in_compose(service.context, service.dockerfile)
        return Container(
            service.source,
            service.dockerfile,
            build,
            None,
            port or stage.port if stage == last else last.port or port,
            service.needs,
            service.ready or stage.ready,
            service.environment,
            (*lost, *([] if stage == last else [f"stage {service.stage}"]), *service.changes),
        )
    if service.image is None or port is None or _INFRASTRUCTURE.search(service.image):
        return None
    if service.changes:
        repository.say(
            f"{service.source}: {service.name} ({service.image}) needs its {' and '.join(service.changes)}, which no "
            f"service container of a workflow can be given; start it in a step, and name it: "
            f'head = "http://localhost:{port}" under [gate]'
        )
        return None
    lost = ("volumes",) if service.mounted else ()
    environment = service.environment
    return Container(service.source, None, "", service.image, port, service.needs, service.ready, environment, lost)


def _build_in_compose(context: PurePosixPath, dockerfile: PurePosixPath) -> tuple[str, tuple[str, ...]]:
    """What `build` names: the folder of a Dockerfile, or the file itself, which is built from the top."""
    if dockerfile == context / "Dockerfile":
        return str(context), ()
    return str(dockerfile), () if context == _ROOT else (f"build context {context}",)


def _build_of(repository: Repository, path: PurePosixPath, stage: Stage) -> str:
    """Likewise of a Dockerfile that nobody names: the folder, unless what it copies is there only from the top."""
    if path.name != "Dockerfile":
        return str(path)
    sources = [source for source in stage.sources if "$" not in source and "://" not in source]
    from_folder = all(_is_there(repository, path.parent, source) for source in sources)
    from_top = all(_is_there(repository, _ROOT, source) for source in sources)
    return str(path) if from_top and not from_folder else str(path.parent)


def _is_there(repository: Repository, folder: PurePosixPath, source: str) -> bool:
    """Whether something of the repository is what COPY names, seen from a folder."""
    wanted = str(folder / source.lstrip("/"))
    return wanted == str(folder) or any(
        str(path).startswith(f"{wanted}/") or fnmatch(str(path), wanted) for path in repository.files
    )
