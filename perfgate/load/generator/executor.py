"""Playing a round: VUs as greenlets, in k6's ways of keeping them busy."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import gevent

from perfgate.load.generator.dispatch import Dispatch
from perfgate.load.generator.greenlets import Greenlets
from perfgate.load.generator.recorder import RoundRecorder
from perfgate.load.generator.round_over import TakenAway
from perfgate.load.generator.user import User
from perfgate.load.generator.user_pool import UserPool
from perfgate.load.pacer import Share, Slice, arrivals, place_in_turn
from perfgate.load.phase import Phase
from perfgate.scenario.profile import ClosedProfile, OpenProfile, PerVUIterations, RampingVUs, SharedIterations

# Iterations that are due at once are started together, but not so many that those under way must wait for long.
_MOST_IN_A_ROW = 16
_LOOK = 0.2  # seconds between looks at whether the load is still needed
_HALT = 1.0  # seconds that users have to end by themselves when the load is no longer needed
_RAMP_STEP = 0.05  # seconds between looks at how many VUs there should be; k6 has the same


@dataclass(frozen=True)
class Part:
    """One worker's part of a round.

    slice: of the profile.
    graceful_stop: how long the last iterations may go on after it (s).
    share: of VUs and iterations.
    number: of the pair, or of the warm-up.
    stagger: where in its turn a user begins, or an iteration is due, 0 to 1 (see `place_in_turn`, `next_due`).
    """

    slice: Slice
    graceful_stop: float
    share: Share
    phase: Phase
    number: int
    stagger: float

    @property
    def seed(self) -> str:
        """What seeds chance: rounds of a pair have the same on base and head."""
        return str(self.number) if self.phase is Phase.MEASURING else f"{self.phase.value} {self.number}"


class Executor:
    """One round of one pool of users; `run` returns when all of it is over.

    group: the greenlets that the users run in.
    """

    def __init__(self, pool: UserPool, part: Part, recorder: RoundRecorder, group: Greenlets) -> None:
        self._pool = pool
        self._part = part
        self._recorder = recorder
        self._group = group
        self._function: Callable[[User], object] = pool.scenario.function
        self._per_iteration = pool.scenario.connections == "per-iteration"
        self._users: list[User] = []
        self._failed: set[int] = set()
        self._prepared = False
        self._opened = 0.0
        self._began = 0.0
        self._deadline = 0.0
        self._halted = False

    def run(self, sliced: bool = False) -> None:
        """Play the slice, then give iterations under way the graceful stop, then end them.

        Users begin one by one over the `spread` of the slice. What they do meanwhile is left out, and the slice begins
        after it, unless iterations are counted. sliced: the caller cuts the recorder by itself.
        """
        self.begin(sliced)
        profile = self._pool.scenario.profile
        if isinstance(profile, OpenProfile):
            self._play_open(profile)
        else:
            self._play_closed(profile)
        self.end()

    def begin(self, sliced: bool) -> None:
        """The clock starts, and all users take part from now on."""
        self.prepare()
        self._opened = time.monotonic()
        self._began = self._opened + (self._part.slice.spread if sliced else self._uncounted)
        self._deadline = self._began + self._part.slice.length
        if self._uncounted and not sliced:
            self._group.spawn(self._count_from_now)
        self._recorder.tally.vus = self._recorder.tally.vus_max = len(self._users)
        for user in self._users:
            self._pool.enter(user, self._recorder, self._deadline, self._part.seed)

    def end(self) -> None:
        """Wait for users to end, as `run` says, and close their connections."""
        left = self._deadline + self._part.graceful_stop - time.monotonic()
        self._group.join(timeout=max(0.0, left))
        self._pool.break_off()
        self._group.kill(block=True, timeout=5)
        self._recorder.tally.seconds = time.monotonic() - self._began
        self._pool.leave()

    def halt(self) -> None:
        """End soon: users end with the iteration that they are in, and by force where that takes too long.

        Breaking off requests at once would fill the service's log with connections that were reset.
        """
        self._halted, self._deadline = True, time.monotonic()
        self._group.join(timeout=_HALT)
        self._pool.break_off()
        self._group.kill(block=False)

    @property
    def _uncounted(self) -> float:
        """How long users begin before the slice does (s). Where iterations are counted, all of them belong to it."""
        profile = self._pool.scenario.profile
        timed = self._part.slice.iterations is None and not isinstance(profile, OpenProfile)
        return self._part.slice.spread if timed else 0.0

    def _count_from_now(self) -> None:
        gevent.sleep(max(0.0, self._began - time.monotonic()))
        before = self._recorder.leave_out()
        self._recorder.tally.uncounted += before.attempts

    def prepare(self) -> None:
        """Make the users that the round begins with, and run their `on_start` side by side, unmeasured; once."""
        if self._prepared:
            return
        self._prepared = True
        profile = self._pool.scenario.profile
        count = (
            profile.pre_allocated_vus if isinstance(profile, OpenProfile) else profile.vus_at(self._part.slice.start)
        )
        candidates = [self._pool.user(number) for number in self._part.share.numbers(count)]
        if self._pool.scenario.on_start_function is None:
            self._users = candidates
            return
        starts = [gevent.spawn(self._pool.start, user, self._recorder) for user in candidates]
        gevent.joinall(starts)
        self._users = [user for user, start in zip(candidates, starts, strict=True) if start.value]
        self._failed = {user.vu for user in candidates}.difference(user.vu for user in self._users)

    def _join(self, number: int) -> User | None:
        """One more user in the middle of a round."""
        user = self._pool.user(number)
        if not self._pool.start(user, self._recorder):
            return None
        self._pool.enter(user, self._recorder, self._deadline, self._part.seed)
        return user

    @property
    def users(self) -> Sequence[User]:
        """Those that it begins with."""
        return self._users

    @property
    def length(self) -> float:
        """Of the slice (s)."""
        return self._part.slice.length

    @property
    def elapsed(self) -> float:
        """How long ago the slice began (s); negative while users begin."""
        return time.monotonic() - self._began

    def over(self) -> bool:
        return time.monotonic() >= self._deadline

    def iterate(self, user: User, late_ns: int | None = None) -> None:
        """One iteration of one user. late_ns: see `User.iterate`."""
        if self._per_iteration:
            user.leave()
        user.iterate(self._function, late_ns)

    # Closed models: a VU begins its next iteration when the last one is done.

    def _play_closed(self, profile: ClosedProfile) -> None:
        if isinstance(profile, RampingVUs):
            self._ramp(profile)
        elif isinstance(profile, SharedIterations):
            total = len(self._part.share.numbers(self._part.slice.iterations or 0))
            tickets = deque(range(total))
            self._spawn_all(lambda user: self._while_tickets(user, tickets))
        elif isinstance(profile, PerVUIterations):
            each = self._part.slice.iterations or 0
            self._spawn_all(lambda user: self._while_tickets(user, deque(range(each))))
        else:
            self._spawn_all(self._until_over)

    def _spawn_all(self, loop: Callable[[User], None]) -> None:
        for user in self._users:
            self._group.spawn(self._start, user, loop)

    def _start(self, user: User, loop: Callable[[User], None]) -> None:
        self.await_turn(user.vu)
        loop(user)

    def await_turn(self, number: int) -> None:
        """Wait for the moment at which this user begins: users that begin in one burst stay in step for long."""
        if self._part.slice.spread:
            turn = (number + place_in_turn(number, self._part.stagger)) / max(1, self._pool.scenario.profile.vus_max)
            gevent.sleep(max(0.0, self._opened + self._part.slice.spread * turn - time.monotonic()))

    def _until_over(self, user: User) -> None:
        while not self.over():
            self.iterate(user)

    def _while_tickets(self, user: User, tickets: deque[int]) -> None:
        while tickets and not self.over():
            tickets.popleft()
            self.iterate(user)

    def _ramp(self, profile: RampingVUs) -> None:
        """Keep as many VUs as the line asks for; one too many leaves after its iteration, or when its time is up.

        One whose `on_start` raises stays away for the rest of the part: to try again at each look would be a load.
        """
        wanted = 0
        running: dict[int, Any] = {}
        leaving: dict[int, float] = {}

        def loop(number: int) -> None:
            running[number] = gevent.getcurrent()
            with suppress(TakenAway):
                self.await_turn(number)
                user = self._join(number)
                if user is None:
                    self._failed.add(number)
                while user is not None and not self.over() and number < wanted:
                    self.iterate(user)
            del running[number]

        while not self.over():
            wanted = profile.vus_at(self._part.slice.start + max(0.0, time.monotonic() - self._began))
            for number in self._part.share.numbers(wanted):
                if number not in running and number not in self._failed:
                    running[number] = None
                    self._group.spawn(loop, number)
            now = time.monotonic()
            leaving = {number: leaving.get(number, now) for number in running if number >= wanted}
            for number, since in leaving.items():
                if now - since >= profile.graceful_ramp_down and running[number] is not None:
                    gevent.kill(running[number], TakenAway)
            tally = self._recorder.tally
            tally.vus = len(running)
            tally.vus_max = max(tally.vus_max, tally.vus)
            gevent.sleep(_RAMP_STEP)

    # Open models: iterations begin when they are due, whatever the service does.

    def _play_open(self, profile: OpenProfile) -> None:
        users = Dispatch(self._group, self._serve)
        for user in self._users:
            users.add(user)
        numbers = self._part.share.numbers(profile.vus_max)
        others = iter(numbers[len(self._users) + len(self._failed) :])
        recorder = self._recorder
        for due in self._when_due(profile):
            recorder.offered += 1
            if self.over():
                # Too late to start it within the round: more was offered than could be started.
                recorder.tally.dropped_iterations += 1
                continue
            recorder.schedule_lag.record(round((time.monotonic() - due) * 1e9))
            if users.hand_out(due):
                continue
            number = next(others, None)
            if number is None:
                recorder.tally.dropped_iterations += 1
            else:
                recorder.tally.vus += 1
                recorder.tally.vus_max = max(recorder.tally.vus_max, recorder.tally.vus)
                self._group.spawn(self._add_user, number, due, users)
        gevent.sleep(max(0.0, self._deadline - time.monotonic()))
        users.close()

    def _when_due(self, profile: OpenProfile) -> Iterator[float]:
        """This worker's iterations, each when it is due: the moment at which it was (monotonic seconds).

        Every worker walks the whole schedule and takes its share, so all agree on it.
        """
        part = self._part
        # Sides that are loaded at once have Poisson arrivals of their own: twins would collide, or follow one another.
        chance = random.Random(f"{self._pool.scenario.name}/{part.seed}/{part.stagger}/arrivals")
        in_a_row = 0
        for number, offset in enumerate(arrivals(profile, part.slice, chance, part.stagger)):
            if not part.share.takes(number):
                continue
            due = self._began + offset
            ahead = due - time.monotonic()
            if ahead > 0 or in_a_row >= _MOST_IN_A_ROW:
                self._sleep(max(0.0, ahead))
                in_a_row = 0
            if self._halted:
                return
            in_a_row += 1
            yield due

    def _sleep(self, seconds: float) -> None:
        """Wait, and look now and then whether the load is still needed."""
        until = time.monotonic() + seconds
        gevent.sleep(min(seconds, _LOOK))
        while not self._halted and (left := until - time.monotonic()) > 0:
            gevent.sleep(min(left, _LOOK))

    def _add_user(self, number: int, due: float, users: Dispatch) -> None:
        """One more user, which serves what is due, and stays."""
        began = time.monotonic()
        user = self._join(number)
        if user is None:
            self._recorder.tally.dropped_iterations += 1
            return
        # The time of `on_start` is no request's.
        self._serve(user, due + time.monotonic() - began)
        if not self.over():
            users.add(user)

    def _serve(self, user: User, due: float) -> None:
        self.iterate(user, max(0, round((time.monotonic() - due) * 1e9)))
