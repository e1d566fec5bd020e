"""Locust's users of one machine as the group of greenlets that the users of a round run in.

Each Locust user waits for work for as long as Locust lets it live, and does what a round hands out. Locust
spawns, counts and stops them; a user that is to go in the middle of a round finishes it first, so that Locust may move
users between machines at any time without spoiling what is being measured.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import Event
from locust import User, constant, task
from locust.exception import StopUser


class _WorkOver(gevent.GreenletExit):
    """Thrown into a user whose work has taken too long: the work ends, the user stays."""


class _Slot:
    """One Locust user.

    called: set when there is work for it.
    work: what it does now; None where it waits.
    leaving: it ends once its work is done.
    """

    def __init__(self) -> None:
        self.greenlet = gevent.getcurrent()
        self.called = Event()
        self.work: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
        self.leaving = False


class LocustUsers:
    """A group as `gevent.pool.Group` is one: work that finds no free user waits for one.

    taken_away: users that Locust has ended in the middle of their work.
    """

    def __init__(self) -> None:
        self.taken_away = 0
        self._slots: dict[Any, _Slot] = {}
        self._free: deque[_Slot] = deque()
        self._waiting: deque[tuple[Callable[..., Any], tuple[Any, ...]]] = deque()
        self._under_way = 0
        self._quiet = Event()
        self._quiet.set()

    def __len__(self) -> int:
        """The number of users here, without those that are about to go."""
        return sum(not slot.leaving for slot in self._slots.values())

    def spawn(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Have a user call `function`."""
        self._under_way += 1
        self._quiet.clear()
        if self._free:
            slot = self._free.popleft()
            slot.work = function, arguments
            slot.called.set()
        else:
            self._waiting.append((function, arguments))

    def join(self, timeout: float | None = None) -> None:
        """Wait until all work is done."""
        self._quiet.wait(timeout)

    def kill(self, block: bool = True, timeout: float | None = None) -> None:
        """End all work now."""
        self._under_way -= len(self._waiting)
        self._waiting.clear()
        for slot in self._slots.values():
            if slot.work is not None:
                gevent.kill(slot.greenlet, _WorkOver)
        if not self._under_way:
            self._quiet.set()
        elif block:
            self.join(timeout)

    def wait_for_work(self, user: Any) -> None:
        """The whole life of a Locust user."""
        slot = self._slots[user] = _Slot()
        try:
            while not slot.leaving:
                self._work(slot)
        finally:
            del self._slots[user]
            self._unlist(slot)
        raise StopUser

    def release(self, user: Any) -> bool:
        """Let a user go once its work is done; False where it has none."""
        slot = self._slots.get(user)
        if slot is None or slot.work is None:
            return False
        slot.leaving = True
        return True

    def _work(self, slot: _Slot) -> None:
        """Wait for one piece of work and do it."""
        try:
            if self._waiting:
                slot.work = self._waiting.popleft()
            else:
                self._free.append(slot)
                slot.called.wait()
            assert slot.work is not None
            function, arguments = slot.work
            function(*arguments)
        except _WorkOver:
            self._unlist(slot)
        except gevent.GreenletExit:
            self.taken_away += slot.work is not None
            raise
        finally:
            slot.called.clear()
            if slot.work is not None:
                slot.work = None
                self._under_way -= 1
                if not self._under_way:
                    self._quiet.set()

    def _unlist(self, slot: _Slot) -> None:
        if slot in self._free:
            self._free.remove(slot)


def user_class(users: LocustUsers) -> type[Any]:
    """The class of Locust users that belong to `users`."""

    class VirtualUser(User):
        wait_time = constant(0)

        @task
        def wait_for_work(self) -> None:
            users.wait_for_work(self)

        def stop(self, force: bool = False) -> bool:
            if not force and users.release(self):
                return False
            stopped: bool = super().stop(force=True)
            return stopped

    return VirtualUser
