"""One machine under Locust's master: a Locust worker whose users run our scenarios on our wire.

`python -m perfgate.load.machines.machine`. What to do is one JSON line on standard input, whose end is the machine's
own; news and the last word go out on what was standard output.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from gevent.fileobject import FileObject
from gevent.queue import SimpleQueue
from locust.env import Environment

from perfgate.errors import PerfgateError
from perfgate.load.generator import messages
from perfgate.load.generator.worker_loop import Worker
from perfgate.load.machines import protocol
from perfgate.load.machines.locust_users import Seats, user_class
from perfgate.version import VERSION

# A master of ours answers at once; one that does not is somebody else's.
_PATIENCE_FOR_ORDERS = 20.0
# How long Locust may take to bring users to this machine after the master has counted them.
_PATIENCE_FOR_USERS = 5.0
# Locust's workers leave a master that they have not heard of for a minute.
_SILENCE = 60.0


@dataclass(frozen=True)
class Offer:
    """What `perfgate worker` was asked to do. folder: of the scenarios. patience: seconds to look for the master."""

    host: str
    port: int
    folder: str
    patience: float


class Machine:
    """A Locust worker that plays what the master says. tell: sends a line to the parent."""

    def __init__(self, offer: Offer, tell: Callable[[dict[str, Any]], None]) -> None:
        self._offer = offer
        self._tell = tell
        self._seats = Seats()
        self._worker: Worker | None = None
        self._commands: SimpleQueue = SimpleQueue()
        self._reports: list[dict[str, Any]] = []
        self._ordered = Event()
        self._leaving = False
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.last_word: dict[str, Any] = {}
        self._environment = Environment(
            user_classes=[user_class(self._seats)], parsed_options=Namespace(web_base_path="")
        )
        self._runner: Any = None
        self._environment.events.report_to_master.add_listener(self._add_reports)
        self._environment.events.test_start.add_listener(self._starting)
        self._environment.events.test_stopping.add_listener(self._stopping)

    def lend(self) -> dict[str, Any]:
        """Be led until the master quits, falls silent, or there is a refusal; the last word on it."""
        complaint = self._connect()
        if complaint:
            return complaint
        runner = self._runner
        runner.register_message(protocol.ORDERS, self._enlist)
        runner.register_message(protocol.REFUSAL, self._refused)
        runner.register_message(protocol.COMMAND, lambda environment, msg, **_: self._commands.put(msg.data))
        runner.send_message(protocol.HELLO, asdict(protocol.Hello(self.name, VERSION)))
        if not self._ordered.wait(_PATIENCE_FOR_ORDERS):
            self.leave()
            return _complaint(
                f"what listens on {self._place} is no master of perfgate's",
                "start it with perfgate run or duet, --engine locust and --workers",
            )
        gevent.spawn(self._obey)
        runner.greenlet.join()
        return self.last_word or self._farewell()

    def leave(self) -> None:
        """Tell the master that this machine goes, and go."""
        if self._runner is None:
            return
        self._leaving = True
        self._seats.kill(block=False)
        self._environment.events.quitting.fire(environment=self._environment)
        gevent.sleep(0.2)  # for the message to get out
        self._runner.greenlet.kill(block=False)

    @property
    def _place(self) -> str:
        return f"{self._offer.host}:{self._offer.port}"

    def _connect(self) -> dict[str, Any] | None:
        """Find the master; why not, where it cannot be found."""
        offer = self._offer
        hint = "start the gate first, with --engine locust and --workers; see that its port can be reached from here"
        try:
            socket.getaddrinfo(offer.host, offer.port)
            with gevent.Timeout(offer.patience):
                self._runner = self._environment.create_worker_runner(offer.host, offer.port)
        except socket.gaierror as error:
            return _complaint(f"there is no machine {offer.host}: {error.strerror}", "look at --master")
        except (gevent.Timeout, ConnectionError):
            return _complaint(f"no master answered on {self._place} in {offer.patience:g} s", hint)
        return None

    def _enlist(self, environment: Any, msg: Any, **_: Any) -> None:
        """Load what will be played, and say whether it is the same as the gate's."""
        if self._ordered.is_set():
            return
        orders = protocol.Orders(**msg.data)
        refusal = self._loaded(orders)
        self._ordered.set()
        if refusal is not None:
            self._runner.send_message(protocol.REFUSAL, asdict(refusal))
            self._give_up(refusal)
            return
        self._runner.send_message(protocol.FIT)
        self._tell({"news": f"joined {self._place} as machine {orders.worker + 1}, waiting for rounds"})

    def _loaded(self, orders: protocol.Orders) -> protocol.Refusal | None:
        folder = Path(self._offer.folder)
        own = messages.Orders(
            folder=str(folder),
            wanted=[str(folder / Path(file).name) for file in orders.files],
            vus=orders.vus,
            duration=orders.duration,
            worker=orders.worker,
            workers=orders.machines,
            nonce=orders.nonce,
            seed=orders.seed,
            cpus=[],
        )
        try:
            self._worker = Worker(own, lambda: self._seats)
        except PerfgateError as error:
            return protocol.unreadable(self.name, error.message)
        return protocol.differing(self.name, orders.hashes, self._worker.hashes())

    def _refused(self, environment: Any, msg: Any, **_: Any) -> None:
        self._ordered.set()
        self._give_up(protocol.Refusal(**msg.data))

    def _give_up(self, refusal: protocol.Refusal) -> None:
        self.last_word = {**asdict(refusal), "usage": True}
        gevent.spawn(self.leave)

    def _obey(self) -> None:
        """One command after the other."""
        while True:
            asked = self._commands.get()
            command = messages.read(asked["line"])
            if isinstance(command, messages.Play):
                self._report({"number": asked["number"], **self._played(command, asked["users"])})
            elif asked["number"]:
                self._runner.send_message(protocol.ANSWER, {"number": asked["number"], **self._done(command)})
            else:
                self._done(command)

    def _played(self, command: messages.Play, users: int) -> dict[str, Any]:
        needed = len(command.share.numbers(users))
        deadline = time.monotonic() + _PATIENCE_FOR_USERS
        while len(self._seats) < needed and time.monotonic() < deadline:
            gevent.sleep(0.01)
        if len(self._seats) < needed:
            return {"error": f"it had {len(self._seats)} of {needed} users, so the load is not what was asked for"}
        before = self._seats.taken_away
        done = self._done(command)
        if self._leaving or self._seats.taken_away > before:
            return {"error": "it left during the round"}
        return done if "error" in done else {"played": done}

    def _done(self, command: messages.Command) -> dict[str, Any]:
        assert self._worker is not None
        try:
            return self._worker.carry_out(command)
        except PerfgateError as error:
            return {"error": error.message, "hint": error.hint}
        except Exception as error:  # a mistake of ours: the master must hear of it rather than wait
            return {"error": f"{type(error).__name__}: {error}", "hint": "please report it"}

    def _report(self, answer: dict[str, Any]) -> None:
        """Have Locust report now rather than at its next turn."""
        self._reports.append(answer)
        data: dict[str, Any] = {}
        self._environment.events.report_to_master.fire(client_id=self._runner.client_id, data=data)
        self._runner.send_message("stats", data)

    def _add_reports(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        data[protocol.REPORT], self._reports = self._reports, []

    def _starting(self, **_: Any) -> None:
        self._leaving = False

    def _stopping(self, **_: Any) -> None:
        self._leaving = True
        self._seats.kill(block=False)

    def _farewell(self) -> dict[str, Any]:
        heard = self._runner.last_heartbeat_timestamp
        if heard and time.time() - heard > _SILENCE:
            return _complaint(f"the master on {self._place} fell silent", "look whether the gate still runs")
        return {"done": f"the run on {self._place} is over"}


def _complaint(error: str, hint: str) -> dict[str, Any]:
    return {"error": error, "hint": hint, "usage": False}


def main() -> None:
    """Lend this machine until the run is over or the parent closes the pipe."""
    logging.disable(logging.CRITICAL)  # Locust's log is for its own command line; what matters is told as news
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what scenarios print

    def tell(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value).encode() + b"\n")

    lines = FileObject(os.dup(0), "rb")
    machine = Machine(Offer(**json.loads(lines.readline())), tell)
    lending = gevent.spawn(lambda: tell(machine.lend()))
    parent = gevent.spawn(lines.readline)
    gevent.joinall([lending, parent], count=1)
    if not lending.ready():
        machine.leave()
    os._exit(0)


if __name__ == "__main__":
    main()
