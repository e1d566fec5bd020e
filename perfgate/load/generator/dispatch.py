"""Handing out the iterations of an open model to free users."""

from __future__ import annotations

from collections.abc import Callable

from gevent.queue import SimpleQueue

from perfgate.load.generator.greenlets import Greenlets
from perfgate.load.generator.user import User


class Dispatch:
    """The users of an open model, each waiting for iterations in a greenlet of its own.

    free: users without work.
    """

    def __init__(self, group: Greenlets, serve: Callable[[User, float], None]) -> None:
        self._group = group
        self._serve = serve
        self._due: SimpleQueue = SimpleQueue()
        self._users = 0
        self.free = 0

    def add(self, user: User) -> None:
        """One more user that is free."""
        self._users += 1
        self.free += 1
        self._group.spawn(self._work, user)

    def hand_out(self, due: float) -> bool:
        """Give an iteration that was due at `due` (monotonic seconds) to a free user; False where there is none."""
        if not self.free:
            return False
        self.free -= 1
        self._due.put(due)
        return True

    def close(self) -> None:
        """Let users go once they are free."""
        for _ in range(self._users):
            self._due.put(None)

    def _work(self, user: User) -> None:
        while (due := self._due.get()) is not None:
            self._serve(user, due)
            self.free += 1
