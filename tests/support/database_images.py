"""Images of PostgreSQL and Redis without any registry: this machine's programs, with the libraries that they load.

A server in one has the port of the image that people use, and needs no password.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import docker

from tests.support.postgres_server import programs

REDIS_IMAGE = "perfgate-test-redis"
POSTGRES_IMAGE = "perfgate-test-postgres"

_REDIS = """FROM scratch
COPY files /
EXPOSE 6379
ENTRYPOINT ["/usr/bin/redis-server"]
CMD ["--save", "", "--protected-mode", "no"]
"""
# As the user of Debian's package; PostgreSQL refuses root.
_POSTGRES = """FROM scratch
COPY files /
COPY --chown=101:101 state /
USER 101
EXPOSE 5432
ENV PGDATA=/data
ENTRYPOINT ["/bin/sh", "-c", "test -e /data/PG_VERSION || {initdb}; exec {postgres}"]
"""


def build_redis_image(client: docker.DockerClient) -> str:
    program = shutil.which("redis-server")
    assert program is not None, "Redis is not installed: make databases"
    return _build(client, REDIS_IMAGE, _REDIS, {"/usr/bin/redis-server": Path(program).resolve()}, {})


def build_postgres_image(client: docker.DockerClient) -> str:
    """Its superuser is `shop`, and has a database of that name, as POSTGRES_USER would say."""
    folder = programs()
    assert folder is not None, "PostgreSQL is not installed: make databases"
    shared = Path("/usr/share/postgresql", folder.parent.name)
    files = {f"{folder}/{name}": folder / name for name in ("postgres", "initdb")}
    files["/bin/sh"] = Path("/bin/sh").resolve()
    files |= {
        f"{folder.parent}/lib/{name}": folder.parent / "lib" / name for name in ("plpgsql.so", "dict_snowball.so")
    }
    initdb = f"{folder}/initdb -U shop --auth=trust --no-sync --encoding=UTF8 --locale=C >/dev/null"
    hba = "echo host all all all trust >> /data/pg_hba.conf"
    shop = f"echo CREATE DATABASE shop | {folder}/postgres --single -D /data postgres >/dev/null"
    postgres = f"{folder}/postgres -h 0.0.0.0 -k /tmp -c fsync=off"
    text = _POSTGRES.replace("{initdb}", f"{{ {initdb} && {hba} && {shop}; }}").replace("{postgres}", postgres)
    return _build(client, POSTGRES_IMAGE, text, files, {str(shared): shared})


def _build(
    client: docker.DockerClient, tag: str, dockerfile: str, programs_of: dict[str, Path], folders: dict[str, Path]
) -> str:
    """An image of programs, by their place in it, with their libraries; and of whole folders."""
    with tempfile.TemporaryDirectory(prefix="perfgate-image-") as name:
        context = Path(name)
        files = context / "files"
        for place, source in {**programs_of, **_libraries(programs_of.values())}.items():
            target = files / place.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        for place, source in folders.items():
            shutil.copytree(source, files / place.lstrip("/"), symlinks=False)
        (files / "etc").mkdir(exist_ok=True)
        (files / "etc" / "passwd").write_text("root:x:0:0::/:/bin/sh\npostgres:x:101:101::/:/bin/sh\n")
        for folder in ("state/data", "state/tmp"):
            (context / folder).mkdir(parents=True)
        (context / "Dockerfile").write_text(dockerfile)
        client.images.build(path=str(context), tag=tag, rm=True)
    return tag


def _libraries(programs_of: Iterable[Path]) -> dict[str, Path]:
    """What the programs load, with the loader itself, by the place that it is looked for at."""
    found: dict[str, Path] = {}
    for program in programs_of:
        said = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
        for place in re.findall(r"(?:=> |^\s*)(/\S+)", said, re.MULTILINE):
            found[place] = Path(place).resolve()
    return found
