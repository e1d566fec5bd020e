"""Names of dependencies: what people call the program."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import PurePath

# Servers that go by another name than their program.
_KNOWN = {
    "beam.smp": "rabbitmq",
    "mariadbd": "mariadb",
    "mongod": "mongo",
    "mysqld": "mysql",
    "postmaster": "postgres",
    "redis-server": "redis",
    "valkey-server": "valkey",
}
# Programs that run another one: the name is that one's.
_RUNNERS = re.compile(r"python[0-9.]*|pypy[0-9.]*|node|nodejs|deno|bun|ruby|perl|php[0-9.]*|java|dotnet|bash|sh")
_WITH_VALUE = ("-c", "-e", "-W", "-X", "-cp", "-classpath", "--class-path", "-p", "--module-path")
_JAR = re.compile(r"(.+?)(-[0-9][0-9a-zA-Z.+-]*)?\.jar")


def program_name(name: str, words: Sequence[str]) -> str:
    """What to call a process.

    name: as the kernel keeps it. words: its command line.
    """
    if not _RUNNERS.fullmatch(name) or not words:
        return _KNOWN.get(name, name)
    for before, word in itertools.pairwise(words):
        if before == "-m":
            return word.rpartition(".")[2]
        if before == "-jar" and (jar := _JAR.fullmatch(PurePath(word).name)):
            return jar[1]
        if not word.startswith("-") and before not in _WITH_VALUE:
            return word.rpartition(".")[2] if name == "java" else PurePath(word).stem
    return name


def image_name(image: str) -> str:
    """What to call a container of an image: "postgres" of "registry.example:5000/library/postgres:17@sha256:..."."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]
