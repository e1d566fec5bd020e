"""What makes a clone treat a history as what it is: merged by union, and shown as text in a diff."""

from __future__ import annotations

from pathlib import Path

from perfgate.git import Git
from perfgate.history.git.place import path_in_tree
from perfgate.history.sqlite_errors import refusing

# A filter that another line has for files like this one, such as that of Git LFS, is taken away: nothing could read it.
_ATTRIBUTES = "-filter -text diff=perfgate merge=perfgate"


def set_up(checkout: Git, file: Path, command: str) -> tuple[str, ...]:
    """Register the merge driver and the textconv diff in a clone, and name the file in .gitattributes.

    command: how git, through a shell, calls perfgate. What was done, in sentences; empty where all was there already.
    """
    settings = {
        "merge.perfgate.name": "union of two perfgate histories",
        "merge.perfgate.driver": f"{command} history merge --base %O %A %B",
        "diff.perfgate.textconv": f"{command} history textconv",
        "diff.perfgate.binary": "true",
    }
    done = []
    line = attributes_line(path_in_tree(checkout, file))
    attributes = checkout.folder / ".gitattributes"
    with refusing(attributes):
        text = attributes.read_text(encoding="utf-8") if attributes.exists() else ""
        if line not in text.splitlines():
            joint = "" if not text or text.endswith("\n") else "\n"
            attributes.write_text(f"{text}{joint}{line}\n", encoding="utf-8")
            done.append(f".gitattributes has the line `{line}`: commit it, for all clones.")
    for key, value in settings.items():
        if checkout.ask("config", "--local", "--get", key) != value:
            checkout.say("config", "--local", key, value)
            done.append(f"git config {key} = {value}")
    return tuple(done)


def attributes_line(path: str) -> str:
    """The line of .gitattributes that says what a history is. path: of the history, from the top of the work tree."""
    return f"{_quoted(path)} {_ATTRIBUTES}"


def _quoted(path: str) -> str:
    """A pattern of gitattributes(5) that means exactly this path."""
    plain = "".join(f"\\{letter}" if letter in "*?[\\" else letter for letter in path)
    anchored = plain if "/" in plain else f"/{plain}"
    if not any(letter.isspace() or letter == '"' for letter in anchored):
        return anchored
    escaped = anchored.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
