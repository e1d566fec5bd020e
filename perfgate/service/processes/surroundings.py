"""The environment variables that other people's commands are started with."""

from __future__ import annotations

from collections.abc import Mapping

from perfgate.git import OF_ONE_REPOSITORY
from perfgate.service.processes.owned_processes import MARK
from perfgate.tokens import without_tokens


def variables_for(inherited: Mapping[str, str], own: Mapping[str, str], mark: str) -> dict[str, str]:
    """`inherited` without tokens and what concerns one repository, with `own` ones, and the mark of their owner."""
    kept = {name: text for name, text in without_tokens(inherited).items() if name not in OF_ONE_REPOSITORY}
    return {**kept, **own, MARK: mark}
