"""Where files lie: in a service's folder, in a work tree that perfgate made for one side, or elsewhere on the machine.

Both sides have trees of their own, so that names from a tree's top on are the same for the same file.
"""

from __future__ import annotations

import re

OWN_TREE = r"/perfgate-[0-9a-f]{8}-[0-9]+-[0-9]+-\w+"
"""The folder that holds a work tree, by the mark in its name; a pattern."""

_TOP = re.compile(rf".*{OWN_TREE}/[^/]+")


def seen_from(root: str, file: str) -> str:
    """The file from the service's folder on, or else from the top of its work tree; as it is where it lies elsewhere.

    root: the service's folder; "" where it is not known. In "/", as of many containers, files keep their whole names.
    """
    folder = f"{root.rstrip('/')}/"
    if folder != "/" and file.startswith(folder):
        return file.removeprefix(folder)
    top = _TOP.match(file)
    return file[top.end() :].lstrip("/") if top else file


def below_the_top(folder: str) -> str:
    """The path of a folder in its work tree; "" at the top, and where it lies in none."""
    top = _TOP.match(folder)
    return folder[top.end() :].strip("/") if top else ""
