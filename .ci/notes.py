"""The notes of a release, out of CHANGELOG.md: `python .ci/notes.py v1.2.0 [FOLDER]` prints them.

It fails, and says what to do, where the tag, perfgate/version.py and the changelog do not say the same.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def notes_of(tag: str, folder: Path) -> str:
    """The section of a version, without its heading."""
    version = tag.removeprefix("v")
    told = re.search(r'^VERSION = "(.+)"$', (folder / "perfgate/version.py").read_text(encoding="utf-8"), re.MULTILINE)
    if told is None or told[1] != version:
        sys.exit(
            f"The tag is {tag}, perfgate/version.py says {told and told[1]}: commit the version, then tag that commit"
        )
    changelog = (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    section = re.search(rf"{heading}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if section is None or not section[1].strip():
        sys.exit(
            f"CHANGELOG.md has nothing under `## [{version}] - DATE`: "
            f"give what stands under [Unreleased] this heading, with the day"
        )
    return section[1].strip()


if __name__ == "__main__":
    print(notes_of(sys.argv[1], Path(*sys.argv[2:3])))
