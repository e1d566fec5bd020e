"""The statuses that a request expects: those that count as its success."""

from __future__ import annotations

from collections.abc import Collection

_MEND = "write expect=404, or expect=(200, 404)"


def expected_statuses(expect: object) -> Collection[int]:
    """The statuses that `expect=` of a request says. TypeError and ValueError name what is none."""
    statuses = (expect,) if isinstance(expect, int | str | bytes) else expect
    if not isinstance(statuses, Collection):
        raise TypeError(f"expect={expect!r} is no HTTP status and no collection of them; {_MEND}")
    if not statuses:
        raise ValueError(f"expect={expect!r} has no HTTP status; {_MEND}, or leave it out for 200 to 399")
    for status in statuses:
        if not isinstance(status, int):
            raise TypeError(f"expect={expect!r}: {status!r} is no number; {_MEND}")
        if not 100 <= status <= 999:
            raise ValueError(f"expect={expect!r}: {status!r} is no HTTP status; {_MEND}")
    return statuses


def is_success(status: int, expected: Collection[int] | None) -> bool:
    """Whether an answer of that status is a success. expected: the statuses that are one; None for 200 to 399.

    A request without an answer has the status 0, which never is.
    """
    return 200 <= status < 400 if expected is None else status in expected
