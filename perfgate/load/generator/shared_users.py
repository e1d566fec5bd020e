"""Users that two sides share: in short turns all of them send to one side, then to the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import gevent
from gevent.event import Event

from perfgate.load.generator.executor import Executor
from perfgate.load.generator.greenlets import Greenlets
from perfgate.load.generator.user import User
from perfgate.load.pacer import ShortTurns

# How far into a turn (in turns) a user waits for its iteration on the other side: what takes longer may never end.
_PATIENCE = 0.5


@dataclass(eq=False)
class _Seat:
    """A user's place on one side.

    since: since when it iterates there (monotonic seconds); None while it does not.
    wake: set when it may look again whether it can begin.
    """

    side: int
    user: User | None
    since: float | None = None
    wake: Event = field(default_factory=Event)


class SharedUsers:
    """The users of two executors as one load. Each has a session on either side, and begins its next iteration where
    the turn is, so that the load has no gap and no burst between turns; what is under way ends where it began.

    A user that the other side keeps for long begins on this one even so: a side that hangs takes nothing from the
    other. What a side is given is the time that users spend there, however long turns are: see `take_seconds`.

    group: the greenlets that they run in.
    """

    def __init__(self, plays: Sequence[Executor], turns: ShortTurns, group: Greenlets) -> None:
        self._plays = plays
        self._first = plays[0]
        self._turns = turns
        self._group = group
        self._spent = [0.0] * len(plays)
        self._seats: list[_Seat] = []

    def run(self) -> None:
        """Play until all of it is over, as Executor.run does."""
        for play in self._plays:
            play.begin(sliced=True)
        self._whose = self._turns.over(self._first.length)
        users = [{user.vu: user for user in play.users} for play in self._plays]
        for number in sorted(set().union(*users)):
            seats = [_Seat(side, there.get(number)) for side, there in enumerate(users)]
            self._seats += seats
            for seat, other in zip(seats, reversed(seats), strict=True):
                if seat.user is not None:  # else its on_start failed there, which is told
                    self._group.spawn(self._loop, seat, seat.user, other)
        clock = gevent.spawn(self._wake)
        for play in self._plays:
            play.end()
        clock.kill()

    def take_seconds(self, side: int) -> float:
        """For how long a user was on that side, on average, since this was asked before (s)."""
        now = time.monotonic()
        seats = [seat for seat in self._seats if seat.side == side and seat.user is not None]
        for seat in seats:
            if seat.since is not None:
                self._spent[side] += now - seat.since
                seat.since = now
        spent, self._spent[side] = self._spent[side], 0.0
        return spent / max(1, len(seats))

    def _loop(self, seat: _Seat, user: User, other: _Seat) -> None:
        self._plays[seat.side].await_turn(user.vu)
        if self._first.elapsed < 0:
            # Either side has its connections before anything counts.
            self._iterate(seat, user)
        while not self._first.over():
            if self._whose(self._first.elapsed) == seat.side and not self._holds(other):
                self._iterate(seat, user)
            else:
                other.wake.set()
                seat.wake.clear()
                seat.wake.wait()

    def _iterate(self, seat: _Seat, user: User) -> None:
        seat.since = time.monotonic()
        try:
            self._plays[seat.side].iterate(user)
        finally:
            self._spent[seat.side] += time.monotonic() - seat.since
            seat.since = None

    def _holds(self, seat: _Seat) -> bool:
        """Whether its user iterates there, and may come to an end in time."""
        return seat.since is not None and self._first.elapsed % self._turns.length < _PATIENCE * self._turns.length

    def _wake(self) -> None:
        """In the midst of each turn let those begin whose users the other side keeps for long; in the end, all look."""
        length = self._turns.length
        while not self._first.over():
            gevent.sleep(length - (self._first.elapsed - _PATIENCE * length) % length)
            side = self._whose(self._first.elapsed)
            for seat in self._seats:
                if seat.side == side and seat.since is None:
                    seat.wake.set()
        for seat in self._seats:
            seat.wake.set()
