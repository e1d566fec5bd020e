"""A locustfile as Locust loads it, or why it cannot be played. Runs in the child, where Locust is at home."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import locust
from locust import argument_parser
from locust.util.load_locustfile import load_locustfile
from locust.util.timespan import parse_timespan

from perfgate.load.locustfile.shapes import LONGEST


class LocustfileError(Exception):
    """Why a locustfile cannot be played.

    hint: what to write instead.
    line: where; None for the whole file.
    """

    def __init__(self, message: str, hint: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line


@dataclass(frozen=True)
class Loaded:
    """A locustfile as Locust loads it.

    users: the classes of users.
    shape: the class of the shape; None without one.
    options: Locust's own.
    run_time: of the options (s); None where they do not say.
    """

    users: list[type[Any]]
    shape: type[Any] | None
    options: Any
    run_time: float | None


def load(path: Path) -> Loaded:
    """The locustfile at `path`. LocustfileError where it is none that can be played."""
    try:
        *_, found, shapes = load_locustfile(str(path))  # older ones, for Python 3.10, have a docstring before them
    except (Exception, SystemExit) as error:  # a locustfile is other people's code: it may raise anything
        raise _reason(error, path) from None
    options = _options()
    users = [user for user in _chosen(found, options) if user.weight > 0 or user.fixed_count > 0]
    if not users:
        raise LocustfileError(
            "there is no user in it",
            "declare a class of HttpUser or FastHttpUser with a @task, "
            "or begin the file's name with _ if others import it",
        )
    for user in users:
        if not user.tasks:
            raise LocustfileError(f"the user {user.__name__} has no tasks", "decorate a method of it with @task")
    shape = type(shapes[0]) if shapes else None
    said = options.run_time
    return Loaded(users, shape, options, parse_timespan(said) if isinstance(said, str) else said)


def _chosen(found: Mapping[str, type[Any]], options: Any) -> list[type[Any]]:
    """The classes of users that Locust's options choose, with the weights and tasks that these give them."""
    settings = list(itertools.chain(*(getattr(options, "config_users", None) or ())))
    chosen = getattr(options, "user_classes", None) or list(found)
    for place, names in (
        ("LOCUST_CONFIG_USERS", [one["user_class_name"] for one in settings]),
        ("LOCUST_USER_CLASSES", chosen),
    ):
        missing = ", ".join(sorted(set(names) - set(found)))
        if missing:
            raise LocustfileError(f"there is no user {missing} in it", f"look into {place} and locust.conf")
    for one in settings:
        user = found[one["user_class_name"]]
        for key, value in one.items():
            if key == "tasks":
                user.tasks = [task for task in user.tasks if task.__name__ in value]
            elif key != "user_class_name":
                setattr(user, key, value)
    return [found[name] for name in chosen]


def ticks_of(shape: type[Any], path: Path, options: Any) -> list[tuple[int, float]]:
    """What the shape of the file at `path` says for each of its seconds, until it ends. options: Locust's own."""
    try:
        return list(_ticks(shape(), options))
    except LocustfileError:
        raise
    except Exception as error:  # other people's code
        reason = _reason(error, path)
        message = f"{reason.message} (a shape is asked beforehand, without a runner)"
        raise LocustfileError(message, reason.hint, reason.line) from None


def _ticks(shape: Any, options: Any) -> Iterator[tuple[int, float]]:
    """The ticks of a shape that finds its options, and as many users as it asked for a second ago."""
    users = 0
    shape.runner = SimpleNamespace(environment=SimpleNamespace(parsed_options=options), user_count=0)
    for second in range(LONGEST):
        shape.get_run_time = lambda second=second: float(second)
        shape.get_current_user_count = lambda users=users: users
        shape.runner.user_count = users
        tick = shape.tick()
        if tick is None:
            if not second:
                raise LocustfileError("its shape ends before it begins", "return users and rate from the first tick()")
            return
        if len(tick) > 2 and tick[2]:
            raise LocustfileError(
                "its shape picks classes of users, which cannot be cut into rounds",
                "return two values from tick(), or give each class a locustfile of its own",
            )
        users = int(tick[0])
        yield users, float(tick[1])
    raise LocustfileError(
        f"its shape does not end within {LONGEST // 3600} h, asked beforehand for the users of each second",
        "return None from tick() at its end",
    )


def _options() -> Any:
    """Locust's own options as locust.conf and LOCUST_ variables say them, those of the locustfile included."""
    try:
        options, _ = argument_parser.get_parser().parse_known_args(["--headless"])
    except SystemExit:
        raise LocustfileError("Locust cannot read its options", "look into locust.conf and LOCUST_ variables") from None
    return options


def _reason(error: BaseException, path: Path) -> LocustfileError:
    """What a person needs of a traceback: their line, and what it says."""
    theirs = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).resolve() == path]
    line = theirs[-1].lineno if theirs else None
    if isinstance(error, SyntaxError):
        return LocustfileError(f"Python cannot read it: {error.msg}", "mend the file", error.lineno)
    if isinstance(error, SystemExit):
        return LocustfileError("it ends the program", "leave sys.exit() out of locustfiles", line)
    if isinstance(error, ModuleNotFoundError):
        return LocustfileError(
            str(error), "install it (`packages` of the action does), or put it beside this file", line
        )
    said = str(error).partition("\n")[0]
    mend = f"mend this line: {theirs[-1].line}" if theirs and theirs[-1].line else "mend the file"
    return LocustfileError(f"{type(error).__name__}: {said}", mend, line)


def new_environment(loaded: Loaded, url: str) -> Any:
    """Locust's environment for one target."""
    return locust.env.Environment(
        user_classes=loaded.users, events=locust.events, host=url, parsed_options=loaded.options
    )
