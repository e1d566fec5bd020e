"""The virtual user that a scenario function is given, with the verbs of a `requests.Session`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection
from typing import Any

import gevent

from perfgate.load.generator.expected import expected_statuses, is_success
from perfgate.load.generator.measured_stream import MeasuredStream, record_phases
from perfgate.load.generator.recorder import Pending, RoundRecorder
from perfgate.load.generator.round_over import RoundOver, TakenAway
from perfgate.load.generator.unique_ids import UniqueIds
from perfgate.load.http.notable_headers import notable_in
from perfgate.load.http.requests_session import RequestsSession
from perfgate.load.http.response import Response
from perfgate.load.http.session import Session
from perfgate.load.http.wire_adapter import ExchangeStats
from perfgate.load.server_timing import count_entries
from perfgate.load.wire.failure import WireError
from perfgate.scenario.rows import copy_of

_FIRST_BACK_OFF = 0.05
_LAST_BACK_OFF = 2.0


class User:
    """One virtual user.

    vu: its number, from 0. iteration: how many iterations it began before. random: a seeded `random.Random`, the same
    for base and head. data: what the scenario's setup returned. row: a copy of this iteration's row of the scenario's
    rows.
    headers, cookies, auth, verify, cert, proxies: as of a `requests.Session`, for all later requests. Proxies are those
    that are set here or with a request: the environment's (HTTP_PROXY and the like) are not read, since a load test
    must not go through a proxy by accident.
    """

    def __init__(
        self,
        vu: int,
        session: Session | RequestsSession,
        ids: UniqueIds,
        data: Any,
        row_of: Callable[[int, int], dict[str, Any] | None],
    ) -> None:
        self.vu = vu
        self.data = data
        self.iteration = 0
        self.random = random.Random()
        self._session = session
        self._ids = ids
        self._row_of = row_of
        self._row: dict[str, Any] | None = None
        self._recorder = RoundRecorder.unmeasured()
        self._late_ns: int | None = None
        self._deadline = float("inf")
        self._streams: list[MeasuredStream] = []
        self._player: object = None
        self._is_broken_off = False

    def get(self, url: str, **options: Any) -> Response:
        return self.request("GET", url, **options)

    def post(self, url: str, data: Any = None, json: Any = None, **options: Any) -> Response:
        return self.request("POST", url, data=data, json=json, **options)

    def put(self, url: str, data: Any = None, **options: Any) -> Response:
        return self.request("PUT", url, data=data, **options)

    def patch(self, url: str, data: Any = None, **options: Any) -> Response:
        return self.request("PATCH", url, data=data, **options)

    def delete(self, url: str, **options: Any) -> Response:
        return self.request("DELETE", url, **options)

    def head(self, url: str, **options: Any) -> Response:
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Any) -> Response:
        return self.request("OPTIONS", url, **options)

    def request(
        self,
        method: str,
        url: str,
        *,
        name: str | None = None,
        retries: int = 0,
        expect: int | Collection[int] | None = None,
        **options: Any,
    ) -> Response:
        """Send a request to `url` (a path below the target, or absolute) and measure it.

        name: what to group it by; by default method and path, ids in the path as {id}. retries: how often a failed
        attempt (no answer, or a status outside 200 to 399) is repeated, after 50 ms, 100 ms, 200 ms, ... with jitter;
        repeated attempts are counted apart. expect: the status that is a success instead of 200 to 399, or several
        (TypeError, ValueError where it is none). Other keyword arguments are those of `requests.Session.request`. A
        request without an answer raises nothing: its response has status_code 0, and `error` says why.
        """
        method = method.upper()
        expected = None if expect is None else expected_statuses(expect)
        recorder = self._recorder
        path = self._session.urls.path(url)
        label = recorder.names.of(method, path) if name is None else recorder.names.given(name, method, path)
        elsewhere = "" if url[:1] == "/" else self._session.urls.elsewhere(url)
        # Taken as the request begins: of several at once the first has it, however soon the others are answered.
        late_ns, self._late_ns = self._late_ns, None
        for retry in range(retries + 1):
            pending = Pending(label, time.time_ns(), late_ns, expected, gevent.getcurrent(), elsewhere)
            response = self._attempt(method, url, options, pending, last=retry == retries)
            if retry == retries or is_success(response.status_code, expected):
                break
            response.close()
            recorder.tally.request(label).retries += 1
            gevent.sleep(min(_LAST_BACK_OFF, _FIRST_BACK_OFF * 2**retry) * random.uniform(0.5, 1.5))
        return response

    def _attempt(self, method: str, url: str, options: dict[str, Any], pending: Pending, last: bool) -> Response:
        """One attempt, counted if it is the last one or succeeded."""
        recorder, greenlet = self._recorder, pending.greenlet
        if self._is_broken_off and greenlet is not self._player:
            raise gevent.GreenletExit
        recorder.begin(self, pending)
        failure: WireError | None = None
        try:
            response, stats = self._session.send(method, url, dict(options))
        except WireError as error:
            failure = error
        except BaseException as end:
            # What is under way as a user is ended by force is counted with its iteration. Anything else that breaks a
            # request off is the scenario's doing.
            if not isinstance(end, (gevent.GreenletExit, TakenAway)) or greenlet is not self._player:
                recorder.end(self, pending)
            raise
        is_open = recorder.end(self, pending)
        if failure is not None:
            if is_open and last:
                recorder.fail(pending.label, pending.lasted_ns(), failure.kind.value)
            return self._session.unanswered(method, url, options, failure)
        if is_open and (last or is_success(response.status_code, pending.expected)):
            led = stats.redirected_to and not pending.elsewhere and self._session.urls.elsewhere(stats.redirected_to)
            if led:
                recorder.elsewhere[led] += 1
            if stats.streamed is None:
                self._count(pending, response, stats, recorder)
            else:
                self._watch(pending, response, stats, recorder)
        return response

    def _watch(self, pending: Pending, response: Response, stats: ExchangeStats, recorder: RoundRecorder) -> None:
        """Measure a streamed answer while the scenario reads it."""
        assert stats.streamed is not None
        stream = MeasuredStream(pending, response, stats, (recorder, self._deadline))
        stats.streamed.watch = stream
        self._streams = [*(one for one in self._streams if not one.is_over), stream]

    def _count(self, pending: Pending, response: Response, stats: ExchangeStats, recorder: RoundRecorder) -> None:
        tally, label = recorder.tally, pending.label
        first, answer = stats.first, stats.last
        if first is None or answer is None:
            return
        recorder.notice(answer)
        tally.data_sent += stats.sent_bytes
        tally.data_received += stats.received_bytes
        start_ns = first.sent_ns if pending.late_ns is None else pending.start_ns(first)
        duration = answer.received_ns - start_ns
        if is_success(response.status_code, pending.expected):
            counted = tally.request(label)
            counted.ok.record(duration)
            if answer.phases is not None or start_ns != first.sent_ns:
                record_phases(counted, duration, first.sent_ns - start_ns, answer)
            if said := notable_in(answer.headers).server_timing:
                count_entries(counted.timings, said)
        else:
            recorder.fail(label, duration, f"status {response.status_code}")

    def check(self, name: str, held: object) -> bool:
        """Count whether something held; it shows in the report and fails nothing by itself. Returns it as a bool."""
        good = bool(held)
        self._recorder.tally.check(name, good)
        return good

    def think(self, low: float | None = None, high: float | None = None, *, mean: float | None = None) -> None:
        """Wait as a person would: `think(0.1)` seconds, uniform `think(0.5, 1.5)`, exponential `think(mean=0.3)`."""
        if (low is None) == (mean is None):
            raise TypeError("think(seconds), think(low, high) or think(mean=seconds)")
        if mean is not None:
            seconds = self.random.expovariate(1 / mean) if mean > 0 else 0.0
        elif high is not None:
            seconds = self.random.uniform(low or 0.0, high)
        else:
            seconds = low or 0.0
        left = self._deadline - time.monotonic()
        gevent.sleep(max(0.0, min(seconds, left)))
        if seconds >= left:
            raise RoundOver

    def unique_id(self, low: int | None = None, high: int | None = None) -> int:
        """A whole number that no other VU, process, target or machine gets.

        Between `low` and `high`, both included, each number comes once on each side before any comes again.
        """
        if low is None or high is None:
            return self._ids.next()
        return self._ids.next_between(low, high)

    @property
    def row(self) -> dict[str, Any]:
        """This iteration's row of the scenario's `rows` file, a copy that lives as long as the iteration."""
        if self._row is None:
            row = self._row_of(self.vu, self.iteration)
            if row is None:
                raise LookupError('this scenario has no rows; name a file in @scenario(rows="users.csv")')
            self._row = copy_of(row)
        return self._row

    @property
    def headers(self) -> Any:
        return self._session.offline_session.headers

    @property
    def cookies(self) -> Any:
        return self._session.offline_session.cookies

    @property
    def auth(self) -> Any:
        return self._session.offline_session.auth

    @auth.setter
    def auth(self, value: Any) -> None:
        self._session.offline_session.auth = value

    @property
    def verify(self) -> Any:
        return self._session.verify

    @verify.setter
    def verify(self, value: Any) -> None:
        self._session.verify = value

    @property
    def cert(self) -> Any:
        return self._session.cert

    @cert.setter
    def cert(self, value: Any) -> None:
        self._session.cert = value

    @property
    def proxies(self) -> Any:
        return self._session.offline_session.proxies

    @proxies.setter
    def proxies(self, value: Any) -> None:
        self._session.offline_session.proxies = value

    def mount(self, prefix: str, adapter: Any) -> None:
        """Send requests to URLs that begin with `prefix` through a transport adapter of requests' kind."""
        self._session.mount(prefix, adapter)

    def enter(self, recorder: RoundRecorder, deadline: float, seed: str) -> None:
        """Begin a round: count into `recorder`, think no longer than to `deadline` (monotonic), draw from `seed`."""
        self._recorder = recorder
        self._deadline = deadline
        self._is_broken_off = False
        self.random.seed(seed)

    def iterate(self, function: Callable[[User], Any], late_ns: int | None = None) -> None:
        """One iteration. Exceptions of the scenario are counted, not raised.

        late_ns: how late it begins, which its first request is charged with; None where no moment was meant.
        """
        self._late_ns = late_ns
        self._row = None
        self._player, self._is_broken_off = gevent.getcurrent(), False
        recorder = self._recorder
        began = time.monotonic_ns()
        try:
            function(self)
        except RoundOver:
            recorder.tally.interrupted_iterations += 1
        except (gevent.GreenletExit, TakenAway) as end:
            for stream in self._streams:
                stream.break_off()
            recorder.tally.interrupted_iterations += 1
            self._give_up(recorder, timed_out=not isinstance(end, TakenAway))
            raise
        except Exception as error:  # a scenario is other people's code: what it raises is counted and reported
            recorder.scenario_error(error)
            gevent.sleep(0.01)
        else:
            recorder.tally.iterations.record(time.monotonic_ns() - began)
        finally:
            self.iteration += 1
            self._player = None
            if self._streams:
                self._end_streams()

    def break_off(self) -> None:
        """End by force what an iteration under way waits for: a thread pool would keep it until all is answered."""
        if self._player is not None:
            self._give_up(self._recorder, timed_out=True)

    def _give_up(self, recorder: RoundRecorder, timed_out: bool) -> None:
        """Wait for no answer any more, and send nothing more, in any greenlet but the iteration's own."""
        self._is_broken_off = True
        for greenlet in recorder.give_up(self, timed_out):
            if greenlet is not self._player:
                gevent.kill(greenlet)

    def _end_streams(self) -> None:
        """What a scenario has not read to its end, it will not read."""
        for stream in self._streams:
            stream.close()
        self._streams.clear()

    def leave(self) -> None:
        """End a round, or slices that follow one another: the next ones open connections anew."""
        self._end_streams()
        self._session.close()
