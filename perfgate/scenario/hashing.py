"""The hash of a scenario, by which stored runs and other machines know whether they have the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


def hash_of(parts: Iterable[bytes], folder: Path, neighbours: Iterable[Path]) -> str:
    """16 hex digits of `parts`, and of the names below `folder` and the bytes of the files that the scenario imports.

    A scenario that imports none has the same hash as before these counted.
    """
    named = {Path(os.path.relpath(file, folder)).as_posix(): file for file in neighbours}
    imported = (part for name in sorted(named) for part in (name.encode(), named[name].read_bytes()))
    digest = hashlib.sha256()
    for part in (*parts, *imported):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]
