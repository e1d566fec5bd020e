"""containers/compose/command: what a call of `docker compose` says, as it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfgate.service.containers.compose.command import ComposeCommand

CLIENT = """#!/bin/sh
cat >&2 << 'END'
{said}
END
exit 1
"""


@pytest.mark.parametrize(
    ("quoted", "plain"),
    [
        (r"The \"TAG\" variable is not set.", 'The "TAG" variable is not set.'),
        (r"\x00.yml is a strange name", r"\x00.yml is a strange name"),
    ],
)
def test_warnings_are_told_from_errors(tmp_path: Path, quoted: str, plain: str) -> None:
    client = tmp_path / "docker"
    client.write_text(CLIENT.format(said=f'time="now" level=warning msg="{quoted}"\nno such service'))
    client.chmod(0o755)
    ended = ComposeCommand("shop", tmp_path, {"PATH": f"{tmp_path}:/bin:/usr/bin"}).run(tmp_path / "f", ["up"], 60)
    assert (ended.code, ended.warnings, ended.errors) == (1, (plain,), "no such service")
