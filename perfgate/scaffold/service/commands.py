"""The command that may start a service that no container describes: an example, which a person makes right."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath

from perfgate.scaffold.documents import mapping, read_document
from perfgate.scaffold.repository import Repository

_PACKAGE = PurePosixPath("package.json")
# Scripts of package.json by which services are started, the likeliest first.
_SCRIPTS = ("start", "start:prod", "serve", "server", "dev")
_MANAGERS = {"pnpm-lock.yaml": "pnpm run", "yarn.lock": "yarn run", "bun.lock": "bun run", "bun.lockb": "bun run"}
# Files at the top by which a framework or a language is known, and what usually starts a service of it.
_USUAL = {
    "manage.py": "python manage.py runserver {port}",
    "config.ru": "bundle exec rackup --port {port}",
    "go.mod": "go run .",
    "Cargo.toml": "cargo run --release",
    "mvnw": "./mvnw spring-boot:run",
    "gradlew": "./gradlew bootRun",
    "mix.exs": "mix phx.server",
}
_ANY = "./my-service --port {port}"


def example_command(repository: Repository) -> str:
    """What starts it as far as the files at the top tell."""
    if found := _of_package(repository):
        return found
    return next((command for name, command in _USUAL.items() if PurePosixPath(name) in repository.files), _ANY)


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
