"""The command that may start a service that no container describes: an example, which a person makes right."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath

from perfgate.scaffold.documents import mapping, read_document
from perfgate.scaffold.repository import Repository

_PACKAGE = PurePosixPath("package.json")
# Scripts of package.json by which services are started, the likeliest first.
_SCRIPTS = ("start", "start:prod", "serve", "server", "dev")
_MANAGERS = {"pnpm-lock.yaml": "pnpm run", "yarn.lock": "yarn run", "bun.lock": "bun run", "bun.lockb": "bun run"}
# Files at the top by which a framework is known, and what usually starts a service of it. A package.json beside them is
# for what its pages load.
_OF_FRAMEWORKS = {
    "manage.py": "python manage.py runserver {port}",
    "artisan": "php artisan serve --port={port}",
    "config.ru": "bundle exec rackup --port {port}",
    "mvnw": "./mvnw spring-boot:run -Dspring-boot.run.arguments=--server.port={port}",
    "gradlew": "./gradlew bootRun --args=--server.port={port}",
    "mix.exs": "mix phx.server",
}
_OF_LANGUAGES = {"go.mod": "go run .", "Cargo.toml": "cargo run --release"}
# Words in files at the top by which another framework is known than the usual one, which has a port of its own name.
_OTHERS = (
    # https://quarkus.io/guides/maven-tooling#run
    ("mvnw", "pom.xml", "quarkus", "java -Dquarkus.http.port={port} -jar target/quarkus-app/quarkus-run.jar"),
    ("gradlew", "build.gradle", "quarkus", "java -Dquarkus.http.port={port} -jar build/quarkus-app/quarkus-run.jar"),
    # https://docs.micronaut.io/latest/guide/#runningSpecificPort
    ("mvnw", "pom.xml", "micronaut", "MICRONAUT_SERVER_PORT={port} ./mvnw mn:run"),
    ("gradlew", "build.gradle", "micronaut", "MICRONAUT_SERVER_PORT={port} ./gradlew run"),
    # Phoenix before 1.8 listens at 4000 in development, and at PORT in production alone.
    ("mix.exs", "config/dev.exs", "port: 4000", "MIX_ENV=prod mix phx.server"),
    # https://rocket.rs/guide/v0.5/configuration/
    ("Cargo.toml", "Cargo.toml", "rocket", "ROCKET_PORT={port} cargo run --release"),
)
_ANY = "./my-service --port {port}"


def example_command(repository: Repository) -> str:
    """What starts it as far as the files at the top tell."""
    return _known(repository, _OF_FRAMEWORKS) or _of_package(repository) or _known(repository, _OF_LANGUAGES) or _ANY


def _known(repository: Repository, usual: Mapping[str, str]) -> str:
    """The command of the first of these files that is there; "" for none of them."""
    found = next((name for name in usual if PurePosixPath(name) in repository.files), "")
    for name, path, word, command in _OTHERS:
        texts = (repository.read(one) for one in repository.files if str(one) in (path, f"{path}.kts"))
        if name == found and any(re.search(rf"\b{word}\b", text) for text in texts):
            return command
    return usual.get(found, "")


def _of_package(repository: Repository) -> str:
    """A script of package.json, else its main file; "" for neither."""
    if _PACKAGE not in repository.files:
        return ""
    package = mapping(read_document(repository, _PACKAGE))
    scripts = mapping(package.get("scripts"))
    name = next((one for one in _SCRIPTS if isinstance(scripts.get(one), str)), "")
    if name:
        manager = next((run for lock, run in _MANAGERS.items() if PurePosixPath(lock) in repository.files), "npm run")
        return "npm start" if (manager, name) == ("npm run", "start") else f"{manager} {name}"
    main = package.get("main")
    if isinstance(main, str) and PurePosixPath(main) in repository.files:
        return f"node {shlex.quote(str(PurePosixPath(main)))}"
    # npm's own default, where there is no script to start.
    return "npm start" if PurePosixPath("server.js") in repository.files else ""
