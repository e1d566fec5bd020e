"""Why a remote refuses a push of the history, and what to do about it."""

from __future__ import annotations

_OWN_BRANCH = (
    'Keep the history on a branch of its own: branch = "perfgate-history" under [history] in perfgate.toml. '
    "Or let the workflow's token past the protection."
)
_WRITE_ACCESS = "Give the job the right to push: `permissions: contents: write` in the workflow."
_SMALLER = "Make the history smaller with `perfgate history prune`."

# Parts of what git and GitHub say (with LC_ALL=C), lower case, the most telling first.
_HINTS = (
    ("gh001", _SMALLER),
    ("file size limit", _SMALLER),
    ("gh006", _OWN_BRANCH),
    ("gh013", _OWN_BRANCH),
    ("protected branch", _OWN_BRANCH),
    ("hook declined", "The remote has a hook that refuses it; it said why above."),
    ("error: 403", _WRITE_ACCESS),
    ("permission to", _WRITE_ACCESS),
    ("write access to repository not granted", _WRITE_ACCESS),
    ("unable to create temporary object directory", "The remote's folder must be writable."),
)


def push_hint(said: str) -> str | None:
    """What to do where git said this to a push; None where it is nothing that only pushes meet."""
    lowered = said.lower()
    return next((hint for part, hint in _HINTS if part in lowered), None)
