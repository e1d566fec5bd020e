"""The generated parts: where each stands between its markers, and what makes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.docs.action import inputs, outputs
from tools.docs.commands import all_commands, overview, shared_options
from tools.docs.configuration import all_tables
from tools.docs.exit_codes import exit_codes
from tools.docs.history import all_columns
from tools.docs.messages import all_messages
from tools.docs.metrics import all_metrics
from tools.docs.result_file import all_fields
from tools.docs.scenario_files import request_options, response_members, scenario_options, user_members

DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class Part:
    """A generated part of a page.

    page: the file, from docs/ on.
    name: what its markers say.
    make: makes its Markdown.
    """

    page: str
    name: str
    make: Callable[[], str]


PARTS = (
    Part("reference/action.md", "inputs", inputs),
    Part("reference/action.md", "outputs", outputs),
    Part("reference/commands.md", "overview", overview),
    Part("reference/commands.md", "shared options", shared_options),
    Part("reference/commands.md", "commands", all_commands),
    Part("reference/configuration.md", "tables", all_tables),
    Part("reference/exit-codes.md", "exit codes", exit_codes),
    Part("reference/history.md", "columns", all_columns),
    Part("reference/messages.md", "messages", all_messages),
    Part("reference/metrics.md", "metrics", all_metrics),
    Part("reference/result-file.md", "fields", all_fields),
    Part("reference/scenarios.md", "scenario options", scenario_options),
    Part("reference/scenarios.md", "user", user_members),
    Part("reference/scenarios.md", "request options", request_options),
    Part("reference/scenarios.md", "response", response_members),
)


def with_parts(page: str, text: str) -> str:
    """The text of a page with its generated parts anew. ValueError where a marker is missing."""
    for part in PARTS:
        if part.page == page:
            text = _with_part(text, part)
    return text


def _with_part(text: str, part: Part) -> str:
    begin, end = f"<!-- generated: {part.name} -->", f"<!-- end of {part.name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"docs/{part.page} lacks the lines {begin} and {end}, once each")
    return pattern.sub(lambda _: f"{begin}\n\n{part.make().strip()}\n\n{end}", text)
