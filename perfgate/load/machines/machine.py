"""One machine under Locust's master: a Locust worker whose users run our scenarios on our wire.

`python -m perfgate.load.machines.machine`. See perfgate.load.processes for how it is talked to.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from gevent.queue import SimpleQueue
from locust.env import Environment

from perfgate.errors import NoVerdictError, PerfgateError, UsageError
from perfgate.load.generator import messages
from perfgate.load.generator.worker_loop import Worker
from perfgate.load.machines import protocol
from perfgate.load.machines.locust_users import LocustUsers, user_class
from perfgate.load.machines.messages import JoinRequest, Left
from perfgate.load.processes.messages import from_plain, from_tagged, to_plain
from perfgate.load.processes.parent import Parent, run_child
from perfgate.version import VERSION

# A master of perfgate's answers at once; one that does not is another program's.
_PATIENCE_FOR_ORDERS = 20.0
# How long Locust may take to bring users to this machine after the master has counted them.
_PATIENCE_FOR_USERS = 5.0
# Locust's workers leave a master that they have not heard of for a minute.
_SILENCE = 60.0


class Machine:
    """A Locust worker that plays what the master says. say: tells the user a line."""

    def __init__(self, request: JoinRequest, say: Callable[[str], None]) -> None:
        self._request = request
        self._say = say
        self._users = LocustUsers()
        self._worker: Worker | None = None
        self._commands: SimpleQueue = SimpleQueue()
        self._reports: list[protocol.MachineAnswer] = []
        self._ordered = Event()
        self._leaving = False
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._refusal: protocol.Refusal | None = None
        self._environment = Environment(
            user_classes=[user_class(self._users)], parsed_options=Namespace(web_base_path="")
        )
        self._runner: Any = None
        self._environment.events.report_to_master.add_listener(self._add_reports)
        self._environment.events.test_start.add_listener(self._starting)
        self._environment.events.test_stopping.add_listener(self._stopping)

    def join(self) -> Left:
        """Be led until the master quits. UsageError where it refuses, NoVerdictError where there is none or it falls
        silent.
        """
        self._connect()
        runner = self._runner
        runner.register_message(protocol.CONFIG, self._enlist)
        runner.register_message(protocol.REFUSAL, self._refused)
        runner.register_message(protocol.COMMAND, self._commanded)
        runner.send_message(protocol.HELLO, to_plain(protocol.Hello(self.name, VERSION)))
        if not self._ordered.wait(_PATIENCE_FOR_ORDERS):
            self.leave()
            raise NoVerdictError(
                f"what listens on {self._place} is no master of perfgate's",
                "start it with perfgate run or duet, --engine locust and --workers",
            )
        gevent.spawn(self._obey)
        runner.greenlet.join()
        if self._refusal is not None:
            raise UsageError(self._refusal.error, self._refusal.hint)
        return self._farewell()

    def leave(self) -> None:
        """Tell the master that this machine goes, and go."""
        if self._runner is None:
            return
        self._leaving = True
        self._users.kill(block=False)
        self._environment.events.quitting.fire(environment=self._environment)
        gevent.sleep(0.2)  # for the message to get out
        self._runner.greenlet.kill(block=False)

    @property
    def _place(self) -> str:
        return f"{self._request.host}:{self._request.port}"

    def _connect(self) -> None:
        """Find the master. NoVerdictError where there is none."""
        request = self._request
        hint = "start the gate first, with --engine locust and --workers; see that its port can be reached from here"
        try:
            socket.getaddrinfo(request.host, request.port)
            with gevent.Timeout(request.patience):
                self._runner = self._environment.create_worker_runner(request.host, request.port)
        except socket.gaierror as error:
            raise NoVerdictError(f"there is no machine {request.host}: {error.strerror}", "look at --master") from None
        except (gevent.Timeout, ConnectionError):
            message = f"no master answered on {self._place} in {request.patience:g} s"
            raise NoVerdictError(message, hint) from None

    def _enlist(self, environment: Any, msg: Any, **_: Any) -> None:
        """Load what will be played, and say whether it is the same as the gate's."""
        if self._ordered.is_set():
            return
        config = from_plain(protocol.MachineConfig, msg.data)
        refusal = self._loaded(config)
        self._ordered.set()
        if refusal is not None:
            self._runner.send_message(protocol.REFUSAL, to_plain(refusal))
            self._give_up(refusal)
            return
        self._runner.send_message(protocol.FIT)
        self._say(f"joined {self._place} as machine {config.worker + 1}, waiting for rounds")

    def _loaded(self, config: protocol.MachineConfig) -> protocol.Refusal | None:
        folder = self._request.folder
        own = messages.WorkerConfig(
            folder=str(folder),
            wanted=tuple(str(folder / Path(file).name) for file in config.files),
            vus=config.vus,
            duration=config.duration,
            workers=config.machines,
            nonce=config.nonce,
            seed=config.seed,
            cpus=(),
            scales=config.scales,
        )
        try:
            self._worker = Worker(own, config.worker, lambda: self._users)
        except PerfgateError as error:
            return protocol.unreadable(self.name, error.message)
        return protocol.differing(self.name, config.hashes, self._worker.hashes())

    def _refused(self, environment: Any, msg: Any, **_: Any) -> None:
        self._ordered.set()
        self._give_up(protocol.Refusal(**msg.data))

    def _give_up(self, refusal: protocol.Refusal) -> None:
        self._refusal = refusal
        gevent.spawn(self.leave)

    def _commanded(self, environment: Any, msg: Any, **_: Any) -> None:
        self._commands.put(from_plain(protocol.MachineCommand, msg.data))

    def _obey(self) -> None:
        """One command after the other."""
        while True:
            asked = self._commands.get()
            command = from_tagged(asked.command, *messages.COMMANDS)
            if isinstance(command, messages.Play):
                self._report(self._played(asked, command))
            else:
                answer = self._done(asked.number, command)
                if asked.number:
                    self._runner.send_message(protocol.ANSWER, to_plain(answer))

    def _played(self, asked: protocol.MachineCommand, command: messages.Play) -> protocol.MachineAnswer:
        needed = len(command.share.numbers(asked.users))
        deadline = time.monotonic() + _PATIENCE_FOR_USERS
        while len(self._users) < needed and time.monotonic() < deadline:
            gevent.sleep(0.01)
        if len(self._users) < needed:
            error = f"it had {len(self._users)} of {needed} users, so the load is not what was asked for"
            return protocol.MachineAnswer(asked.number, None, error, "")
        before = self._users.taken_away
        answer = self._done(asked.number, command)
        if self._leaving or self._users.taken_away > before:
            return protocol.MachineAnswer(asked.number, None, "it left during the round", "")
        return answer

    def _done(self, number: int, command: messages.Command) -> protocol.MachineAnswer:
        assert self._worker is not None
        try:
            return protocol.MachineAnswer(number, to_plain(self._worker.carry_out(command)), "", "")
        except PerfgateError as error:
            return protocol.MachineAnswer(number, None, error.message, error.hint)
        except Exception as error:  # a defect of perfgate: the master must hear of it rather than wait
            return protocol.MachineAnswer(number, None, f"{type(error).__name__}: {error}", "please report it")

    def _report(self, answer: protocol.MachineAnswer) -> None:
        """Have Locust report now rather than at its next turn."""
        self._reports.append(answer)
        data: dict[str, Any] = {}
        self._environment.events.report_to_master.fire(client_id=self._runner.client_id, data=data)
        self._runner.send_message("stats", data)

    def _add_reports(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        data[protocol.REPORT], self._reports = to_plain(self._reports), []

    def _starting(self, **_: Any) -> None:
        self._leaving = False

    def _stopping(self, **_: Any) -> None:
        self._leaving = True
        self._users.kill(block=False)

    def _farewell(self) -> Left:
        heard = self._runner.last_heartbeat_timestamp
        if heard and time.time() - heard > _SILENCE:
            raise NoVerdictError(f"the master on {self._place} fell silent", "look whether the gate still runs")
        return Left(f"the run on {self._place} is over")


def serve(parent: Parent) -> None:
    """Join a run, and leave it where the parent ends."""
    request = parent.receive(JoinRequest)
    if request is None:
        return
    machine = Machine(request, parent.news)
    run = gevent.spawn(_join, parent, machine)
    end = gevent.spawn(parent.receive_line)
    gevent.joinall([run, end], count=1)
    if not run.ready():
        machine.leave()


def _join(parent: Parent, machine: Machine) -> None:
    try:
        parent.reply(machine.join())
    except PerfgateError as error:
        parent.complain(error.message, error.hint, usage=isinstance(error, UsageError))


def main() -> None:
    """Serve the parent until the run is over or the pipe is closed."""
    logging.disable(logging.CRITICAL)  # Locust's log is for its own command line; what matters is told as news
    run_child(serve)


if __name__ == "__main__":
    main()
