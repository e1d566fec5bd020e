"""Locust's users of one machine as the group of greenlets that the users of a round run in.

Each Locust user takes a seat for as long as Locust lets it live, and does the work that a round hands out. Locust
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


class _Seat:
    """One Locust user. work: what it does now, None where it waits for some."""

    def __init__(self) -> None:
        self.greenlet = gevent.getcurrent()
        self.called = Event()
        self.work: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
        self.leaving = False


class Seats:
    """A group as `gevent.pool.Group` is one: work that finds no free seat waits for one.

    taken_away: how many users Locust has ended in the middle of their work.
    """

    def __init__(self) -> None:
        self.taken_away = 0
        self._seats: dict[Any, _Seat] = {}
        self._free: deque[_Seat] = deque()
        self._waiting: deque[tuple[Callable[..., Any], tuple[Any, ...]]] = deque()
        self._under_way = 0
        self._quiet = Event()
        self._quiet.set()

    def __len__(self) -> int:
        """How many users Locust lets live here, those not counted that are about to go."""
        return sum(not seat.leaving for seat in self._seats.values())

    def spawn(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Have a user do it."""
        self._under_way += 1
        self._quiet.clear()
        if self._free:
            seat = self._free.popleft()
            seat.work = function, arguments
            seat.called.set()
        else:
            self._waiting.append((function, arguments))

    def join(self, timeout: float | None = None) -> None:
        """Wait until all work is done."""
        self._quiet.wait(timeout)

    def kill(self, block: bool = True, timeout: float | None = None) -> None:
        """End all work now."""
        self._under_way -= len(self._waiting)
        self._waiting.clear()
        for seat in self._seats.values():
            if seat.work is not None:
                gevent.kill(seat.greenlet, _WorkOver)
        if not self._under_way:
            self._quiet.set()
        elif block:
            self.join(timeout)

    def sit(self, user: Any) -> None:
        """What a Locust user does all its life."""
        seat = self._seats[user] = _Seat()
        try:
            while not seat.leaving:
                self._work(seat)
        finally:
            del self._seats[user]
            self._unlist(seat)
        raise StopUser

    def excuse(self, user: Any) -> bool:
        """Let a user go once its work is done; False where it has none."""
        seat = self._seats.get(user)
        if seat is None or seat.work is None:
            return False
        seat.leaving = True
        return True

    def _work(self, seat: _Seat) -> None:
        """Wait for one piece of work and do it."""
        try:
            if self._waiting:
                seat.work = self._waiting.popleft()
            else:
                self._free.append(seat)
                seat.called.wait()
            assert seat.work is not None
            function, arguments = seat.work
            function(*arguments)
        except _WorkOver:
            self._unlist(seat)
        except gevent.GreenletExit:
            self.taken_away += seat.work is not None
            raise
        finally:
            seat.called.clear()
            if seat.work is not None:
                seat.work = None
                self._under_way -= 1
                if not self._under_way:
                    self._quiet.set()

    def _unlist(self, seat: _Seat) -> None:
        if seat in self._free:
            self._free.remove(seat)


def user_class(seats: Seats) -> type[Any]:
    """The class of Locust users that sit there."""

    class VirtualUser(User):
        wait_time = constant(0)

        @task
        def sit(self) -> None:
            seats.sit(self)

        def stop(self, force: bool = False) -> bool:
            if not force and seats.excuse(self):
                return False
            stopped: bool = super().stop(force=True)
            return stopped

    return VirtualUser
