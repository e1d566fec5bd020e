"""How large a history may become: GitHub's limits for one file, and a warning long before them.

GitHub warns of files above 50 MiB and refuses those above 100 MiB ("About large files on GitHub",
https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github).
"""

from __future__ import annotations

_MIB = 2**20
GITHUB_WARNS_BYTES = 50 * _MIB
GITHUB_REFUSES_BYTES = 100 * _MIB
LARGE_BYTES = 25 * _MIB


def size_warning(size: int) -> str:
    """What to say of a history of so many bytes; "" while it is small."""
    if size < LARGE_BYTES:
        return ""
    limit = (
        f"GitHub warns above {GITHUB_WARNS_BYTES // _MIB} MiB and refuses above {GITHUB_REFUSES_BYTES // _MIB}"
        if size < GITHUB_REFUSES_BYTES
        else f"GitHub refuses files above {GITHUB_REFUSES_BYTES // _MIB} MiB"
    )
    return f"The history has {size / _MIB:.0f} MiB; {limit}. `perfgate history prune` makes it smaller."
