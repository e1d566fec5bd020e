"""Jobs that race on one GitHub in virtual time: their requests take a while to get there and a while to come back."""

import heapq
import itertools
import json
from urllib.parse import parse_qsl, urlsplit

import requests
from greenlet import GreenletExit, getcurrent, greenlet
from requests.adapters import BaseAdapter

from perfgate.github.api import Api, Patience
from perfgate.testing.github import ReceivedRequest


class Race:
    """The jobs take turns as their requests and pauses end; all waits come from `random`, so that a seed repeats them.

    github: a FakeGitHub that is asked directly. ways: the shortest and the longest time of a request's way there, and
    of its answer's way back (s). writing: the same of the way there, of requests that write.
    """

    def __init__(self, github, random, ways, writing=None):
        self.github, self.random, self.ways, self.writing = github, random, ways, writing or ways
        self.now = 0.0
        self._turns = []
        self._numbers = itertools.count()
        self._clock = getcurrent()

    def at(self, time, do):
        """Do something at that time."""
        heapq.heappush(self._turns, (time, next(self._numbers), do))

    def job(self, time, work):
        """A job that starts to post at that time; work is given the interface as it reaches it. What ends the job."""
        started = greenlet(lambda: work(self._api()), self._clock)
        self.at(time, started.switch)
        return lambda: None if started.dead else started.throw(GreenletExit)

    def run(self):
        """Until all jobs are done."""
        while self._turns:
            self.now, _, do = heapq.heappop(self._turns)
            do()

    def sleep(self, seconds):
        job = getcurrent()
        self.at(self.now + seconds, lambda: None if job.dead else job.switch())
        self._clock.switch()

    def there(self, method):
        self.sleep(self.random.uniform(*(self.ways if method == "GET" else self.writing)))

    def back(self):
        self.sleep(self.random.uniform(*self.ways))

    def _api(self):
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", _Way(self))
        return Api(session, "http://github", "a-token", Patience(self.sleep, lambda: self.now))


class _Way(BaseAdapter):
    """Carries a request to the fake, and its answer back."""

    def __init__(self, race):
        super().__init__()
        self._race = race

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        parts = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = json.loads(request.body) if request.body else None
        self._race.there(request.method)
        asked = ReceivedRequest(request.method, parts.path, dict(parse_qsl(parts.query)), headers, body)
        status, plain, more, _ = self._race.github.answer(asked)
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, request.url
        answer.headers.update(more)
        answer._content = json.dumps(plain).encode()
        self._race.back()
        return answer

    def close(self):
        """Nothing is open."""
