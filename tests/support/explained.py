"""Duets of two commits that are explained, for less long than by default."""

from __future__ import annotations

import json
from typing import Any

from tests.support.command import Done, call
from tests.support.planted import SETTINGS
from tests.support.repository import Repository

SOONER = f'{SETTINGS}[explain]\nseconds = "15s"\n'
DUET = ["duet", "ref:HEAD~1", "ref:HEAD", "--budget", "4s", "--margin", "10%", "--json", "r.json"]


def explained(repository: Repository, *arguments: str, **variables: str) -> tuple[Done, dict[str, Any]]:
    """What perfgate said there, and the result file. variables: of its environment."""
    done = call(*arguments, folder=repository.folder, PERFGATE_EXPLAIN="", **variables)
    return done, json.loads((repository.folder / "r.json").read_text())
