"""Inputs and outputs of the action, from action.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tools.docs.markdown import code, sentence, table

_ACTION = Path(__file__).parents[2] / "action.yml"


def inputs() -> str:
    """What `with:` takes."""
    rows = [
        (code(name), sentence(one["description"]), code(str(one.get("default", ""))))
        for name, one in _action()["inputs"].items()
    ]
    return table(("input", "is", "default"), rows)


def outputs() -> str:
    """What later steps can read."""
    return table(
        ("output", "is"), [(code(name), sentence(one["description"])) for name, one in _action()["outputs"].items()]
    )


def _action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_ACTION.read_text(encoding="utf-8"))
    return loaded
