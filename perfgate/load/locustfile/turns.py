"""When users begin, and what chance they have: the same on both sides."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import AsyncResult
from locust.exception import StopUser

from perfgate.load.locustfile.messages import PlayRound
from perfgate.load.pacer import place_in_turn

# Any odd factors that keep users and their draws apart.
_USER, _DRAW, _MODULUS = 104_729, 1_299_709, 2**31 - 1


class Turns:
    """The users of a round in the order in which they come.

    there: users that are through their `on_start`, and wait for their turn.
    failed: what the `on_start` of users raised, by user.
    start_at: when the first turn is (monotonic seconds), once that is known.
    halted: whether the load is to end.
    """

    def __init__(self) -> None:
        self.there = 0
        self.failed: dict[Any, BaseException] = {}
        self.halted = False
        self.start_at: AsyncResult = AsyncResult()
        self._numbers: dict[Any, int] = {}
        self._drawn: dict[Any, int] = {}
        self._seed = 0
        self._each = 0.0
        self._stagger = 0.0

    def set_up(self, asked: PlayRound, users: int, cycle: float) -> None:
        """A round begins. cycle: how long a user usually takes from one task to the next (s).

        Users that think for longer than all of the round's spread are spread over their cycle, or what is counted would
        be the time between their first task and their second.
        """
        self.there = 0
        self.failed.clear()
        self.halted = False
        self.start_at = AsyncResult()
        self._numbers.clear()
        self._drawn.clear()
        self._seed = asked.seed
        self._each = (max(asked.spread, cycle) if asked.spread else 0.0) / max(1, users)
        self._stagger = asked.stagger

    def begin(self, start_at: float) -> None:
        self.start_at.set(start_at)

    def halt(self) -> None:
        self.halted = True
        if not self.start_at.ready():
            self.start_at.set(time.monotonic())

    def around(self, on_start: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """An `on_start` after which a user waits for its turn; a user that raises there never comes.

        One that is called from within another, as by super(), is a part of that one.
        """

        def all_of_it(user: Any) -> Any:
            if user in self._numbers:
                return on_start(user)
            self._numbers[user] = len(self._numbers)
            self.draw(user)
            try:
                returned = on_start(user)
            except Exception as error:
                self.failed[user] = error
                raise
            except SystemExit as error:  # it would end all of Locust, and nobody would hear why
                self.failed[user] = error
                raise StopUser from error
            self._await(user)
            return returned

        return all_of_it

    def _await(self, user: Any) -> None:
        self.there += 1
        number = self._numbers.get(user, 0)
        turn = self.start_at.get() + (number + place_in_turn(number, self._stagger)) * self._each
        gevent.sleep(max(0.0, turn - time.monotonic()))
        self.draw(user)

    def draw(self, user: Any) -> None:
        """What a user draws next is its own: it depends on who it is and on how often it drew."""
        drawn = self._drawn[user] = self._drawn.get(user, 0) + 1
        random.seed((self._seed + self._numbers.get(user, 0) * _USER + drawn * _DRAW) % _MODULUS)
