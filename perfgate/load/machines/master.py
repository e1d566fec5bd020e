"""Locust's master under the gate: it gathers machines and has them play rounds.

`python -m perfgate.load.machines.master`. See perfgate.load.processes for how it is talked to. At the end of the gate
all machines are told to quit.
"""

from __future__ import annotations

import logging
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import gevent
from locust.env import Environment
from locust.exception import RPCError
from locust.runners import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING

from perfgate.errors import NoVerdictError
from perfgate.load.generator.messages import Command, Open, Opened
from perfgate.load.machines import protocol
from perfgate.load.machines.locust_users import LocustUsers, user_class
from perfgate.load.machines.members import Members, in_order
from perfgate.load.machines.messages import Gather, Listening, PlayRound, RoundReport, SetUp, StartMaster, TearDown
from perfgate.load.pacer import Share
from perfgate.load.processes.messages import Done, from_plain, to_plain, to_tagged
from perfgate.load.processes.parent import Parent, run_child
from perfgate.load.reports import WorkerReport

# How long Locust may take to bring the users into being, or to move them after a machine has come or gone.
_SETTLING, _ATTEMPTS = 15.0, 3
# How long a Locust worker may stay without introducing itself as a machine of perfgate's before it is sent away.
_SILENCE = 10.0
_LOOK = 0.02


class Master:
    """Carries out the gate's commands on all machines. say: tells the gate's user a line."""

    def __init__(self, start: StartMaster, say: Callable[[str], None]) -> None:
        self._start = start
        self._cluster = start.cluster
        self._say = say
        self._members = Members()
        self._openings: dict[tuple[str, str], tuple[int, Open]] = {}
        self._number = 0
        self._answers: dict[tuple[str, int], protocol.MachineAnswer] = {}
        self._environment = Environment(
            user_classes=[user_class(LocustUsers())], parsed_options=Namespace(enable_rebalancing=True, headless=False)
        )
        self._runner = self._environment.create_master_runner(start.cluster.host, start.cluster.port)
        self._runner.register_message(protocol.HELLO, self._greeted)
        self._runner.register_message(protocol.FIT, self._found_fit)
        self._runner.register_message(protocol.REFUSAL, self._refused)
        self._runner.register_message(protocol.ANSWER, self._answered)
        self._environment.events.worker_connect.add_listener(self._connected)
        self._environment.events.worker_report.add_listener(self._reported)
        self.port: int = self._runner.server.port

    # Machines that come.

    def _connected(self, client_id: str, **_: Any) -> None:
        gevent.spawn_later(_SILENCE, self._send_away_if_silent, client_id)

    def _send_away_if_silent(self, machine: str) -> None:
        if machine not in self._members.by_id and machine in self._runner.clients:
            self._runner.send_message("quit", client_id=machine)

    def _greeted(self, environment: Any, msg: Any, **_: Any) -> None:
        hello = protocol.Hello(**msg.data)
        number = self._runner.get_worker_index(msg.node_id)
        refusal = protocol.unfit(hello, number)
        if refusal is not None:
            self._note_refusal(refusal.error)
            self._runner.send_message(protocol.REFUSAL, to_plain(refusal), msg.node_id)
            return
        self._members.greet(msg.node_id, hello.name)
        self._runner.send_message(protocol.CONFIG, to_plain(self._config_of(number)), msg.node_id)

    def _config_of(self, machine: int) -> protocol.MachineConfig:
        cluster = self._cluster
        return protocol.MachineConfig(
            files=self._start.files,
            hashes=self._start.hashes,
            vus=cluster.vus,
            duration=cluster.duration,
            worker=machine,
            machines=cluster.machines,
            nonce=cluster.nonce,
            seed=cluster.seed,
            scales=cluster.scales,
        )

    def _found_fit(self, environment: Any, msg: Any, **_: Any) -> None:
        member = self._members.by_id[msg.node_id]
        member.fit = True
        self._say(f"{member.name} has joined: {len(self._present())} of {self._cluster.machines} machines")

    def _refused(self, environment: Any, msg: Any, **_: Any) -> None:
        self._note_refusal(msg.data["error"])

    def _note_refusal(self, error: str) -> None:
        self._members.refusals.append(error)
        self._say(f"refused: {error}")

    def _present(self) -> list[str]:
        """The fit machines that Locust has not missed."""
        return [machine for machine in self._members.fit() if self._is_there(machine)]

    def _is_there(self, machine: str) -> bool:
        node = self._runner.clients.get(machine)
        return node is not None and node.state != STATE_MISSING

    def gather(self) -> Done:
        """Wait until as many machines are there as were asked for. NoVerdictError where they do not come."""
        wanted, patience = self._cluster.machines, self._cluster.patience
        deadline = time.monotonic() + patience
        while len(self._present()) < wanted:
            if time.monotonic() > deadline:
                hint = f"run perfgate worker --master HOST:{self.port} on each machine, or ask for fewer with --workers"
                raise NoVerdictError(self._members.shortfall(wanted, patience), hint)
            gevent.sleep(_LOOK)
        return Done()

    # Commands.

    def open(self, message: SetUp) -> Opened:
        """Run the setup on one machine; all get what it returned, with their first round."""
        command = message.command
        opened = from_plain(Opened, self._on_one(command, message.patience))
        self._openings[command.scenario, command.side] = (
            self._next_number(),
            replace(command, set_up=False, data=opened.data),
        )
        return opened

    def close(self, message: TearDown) -> Done:
        """Run the teardown on one machine, and have all forget the users."""
        command = message.command
        self._openings.pop((command.scenario, command.side), None)
        try:
            self._on_one(command, message.patience)
        finally:
            for machine in self._present():
                self._send(machine, replace(command, tear_down=False), 0)
        return Done()

    def play(self, message: PlayRound) -> RoundReport:
        """One round on all machines."""
        command, users, patience = message.command, message.users, message.patience
        if not self._present():
            raise _nobody_left()
        self._environment.stop_timeout = patience
        places = self._settled(users)
        if places is None:
            text = f"Locust had {self._runner.user_count} of {users} users after {_SETTLING:g} s"
            return RoundReport((), len(self._present()), (text,))
        number = self._next_number()
        opening, opened = self._openings[command.scenario, command.side]
        for place, machine in enumerate(places):
            member = self._members.by_id[machine]
            if opening not in member.opened:
                self._send(machine, opened, 0)
                member.opened.add(opening)
            self._send(machine, replace(command, share=Share(place, len(places))), number, users)
        answers = self._answers_of(places, number, patience)
        reports = []
        problems = []
        for machine, answer in answers.items():
            if answer.value is not None:
                reports.append(from_plain(WorkerReport, answer.value))
            else:
                problems.append(f"{self._members.name(machine)}: {answer.error}")
                self._members.by_id[machine].opened.discard(opening)  # it may have missed that
        problems += [self._loss(machine, patience) for machine in places if machine not in answers]
        return RoundReport(tuple(reports), len(places), tuple(problems))

    def _settled(self, users: int) -> list[str] | None:
        """The machines that have a user, in order; None where Locust does not get the users evenly into being."""
        # A machine that it had missed and that has come back, Locust forgets, or leaves the users that it had.
        left_out = 0 in self._users_on(self._present()).values()
        places = self._placed(users, left_out) or self._placed(users, starts=True)
        if places is None:
            self._runner.stop()
            places = self._placed(users, starts=True)
        return places

    def _placed(self, users: int, starts: bool) -> list[str] | None:
        """The machines that have a user, as soon as they have them evenly. starts: whether Locust is to begin anew."""
        deadline = time.monotonic() + _SETTLING / _ATTEMPTS
        while time.monotonic() < deadline:
            if self._present() and (starts or not self._is_running(users)):
                self._runner.start(users, spawn_rate=users)
                starts = False
            places = in_order(self._users_on(self._present()), users)
            if places is not None:
                return places
            gevent.sleep(_LOOK)
        return None

    def _is_running(self, users: int) -> bool:
        return self._runner.target_user_count == users and self._runner.state in (STATE_SPAWNING, STATE_RUNNING)

    def _users_on(self, machines: list[str]) -> dict[str, int]:
        return {machine: self._runner.clients[machine].user_count for machine in machines}

    def _answers_of(self, machines: list[str], number: int, patience: float) -> dict[str, protocol.MachineAnswer]:
        """The answers to a command, without machines that were missed or too slow."""
        deadline = time.monotonic() + patience
        outstanding = list(machines)
        while outstanding and time.monotonic() < deadline:
            outstanding = [
                machine for machine in outstanding if (machine, number) not in self._answers and self._is_there(machine)
            ]
            gevent.sleep(_LOOK / 10)
        found = {machine: self._answers[machine, number] for machine in machines if (machine, number) in self._answers}
        self._answers.clear()
        return found

    def _loss(self, machine: str, patience: float) -> str:
        name = self._members.name(machine)
        if self._is_there(machine):
            return f"the machine {name} did not report in {patience:.0f} s, so part of the load is unknown"
        if machine in self._runner.clients:
            return f"the machine {name} was lost: it fell silent during the round"
        return f"the machine {name} left during the round"

    def _on_one(self, command: Command, patience: float) -> dict[str, Any]:
        """One machine's reply to a command. NoVerdictError where there is none."""
        present = self._present()
        if not present:
            raise _nobody_left()
        machine, number = present[0], self._next_number()
        self._send(machine, command, number)
        answer = self._answers_of([machine], number, patience).get(machine)
        if answer is None:
            raise NoVerdictError(self._loss(machine, patience), "look after that machine, and run it again")
        if answer.value is None:
            raise NoVerdictError(answer.error, answer.hint)
        return answer.value

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _send(self, machine: str, command: Command, number: int, users: int = 0) -> None:
        message = protocol.MachineCommand(number, users, to_tagged(command))
        self._runner.send_message(protocol.COMMAND, to_plain(message), machine)

    # Answers.

    def _answered(self, environment: Any, msg: Any, **_: Any) -> None:
        answer = from_plain(protocol.MachineAnswer, msg.data)
        self._answers[msg.node_id, answer.number] = answer

    def _reported(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        for plain in data.pop(protocol.REPORT, ()):
            answer = from_plain(protocol.MachineAnswer, plain)
            self._answers[client_id, answer.number] = answer

    def quit(self) -> None:
        """Tell all machines that it is over."""
        self._runner.quit()


def _nobody_left() -> NoVerdictError:
    return NoVerdictError("no machine is left", "look after the machines that ran perfgate worker")


def serve(parent: Parent) -> None:
    """Listen for machines, then carry out the gate's messages. They are read meanwhile, so that its end is noticed."""
    start = parent.receive(StartMaster)
    if start is None:
        return
    cluster = start.cluster
    try:
        master = Master(start, parent.news)
    except (SystemExit, RPCError, OSError):
        hint = "end what listens there, or name another place with listen under [locust] in perfgate.toml"
        parent.complain(f"Locust's master cannot listen on {cluster.host}:{cluster.port}", hint)
        return
    parent.reply(Listening(master.port))
    while (message := parent.receive(Gather, SetUp, PlayRound, TearDown)) is not None:
        gevent.spawn(parent.answer, partial(_carry_out, master, message), "Locust's master failed")
    master.quit()


def _carry_out(master: Master, message: Gather | SetUp | PlayRound | TearDown) -> Done | Opened | RoundReport:
    if isinstance(message, SetUp):
        return master.open(message)
    if isinstance(message, PlayRound):
        return master.play(message)
    if isinstance(message, TearDown):
        return master.close(message)
    return master.gather()


def main() -> None:
    """Serve the gate until it closes the pipe."""
    logging.disable(logging.CRITICAL)  # Locust's log is for its own command line; what matters is told as news
    run_child(serve)


if __name__ == "__main__":
    main()
