"""Functions that a virtual user runs: scenarios and their hooks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from perfgate.errors import MistakeError

if TYPE_CHECKING:
    from perfgate.scenario.user import User

UserFunction = Callable[["User"], Any]


def mistake_in(function: UserFunction) -> MistakeError | None:
    """Why no user can run `function`; None where one can."""
    name = getattr(function, "__name__", repr(function))
    if not callable(function):
        return MistakeError(f"{name} is not a function", "decorate a function that takes a user")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return MistakeError(f"{name}() is async", "write def instead of async def")
    if inspect.isgeneratorfunction(function):
        return MistakeError(f"{name}() yields, so calling it runs nothing", "write it without yield")
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        more = " and take what the setup function returned from user.data" if _takes_two(function) else ""
        return MistakeError(f"{name}() does not take a user and nothing else", f"write def {name}(user):{more}")
    return None


def _takes_two(function: UserFunction) -> bool:
    """Whether it takes a second argument, as k6 gives one to its functions."""
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        return False
    return True
