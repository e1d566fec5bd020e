"""Locust's master under the gate: gathers machines and has them play rounds. `python -m perfgate.load.machines.master`.

Orders and commands come in on standard input, answers and news go out on what was standard output, one JSON object a
line. The end of the input is the end of the run: all machines are told to quit.
"""

from __future__ import annotations

import json
import logging
import os
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import gevent
from gevent.fileobject import FileObject
from locust.env import Environment
from locust.exception import RPCError
from locust.runners import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING

from perfgate.load.generator import messages
from perfgate.load.machines import protocol
from perfgate.load.machines.locust_users import Seats, user_class
from perfgate.load.machines.members import Roster, in_order
from perfgate.load.pacer import Share

# How long Locust may take to bring the users into being, or to move them after a machine has come or gone.
_SETTLING = 15.0
# How long a Locust worker may stay without a word of ours before it is sent away: it is somebody else's.
_SILENCE = 10.0
_LOOK = 0.02
_NOBODY_LEFT = {"error": "no machine is left", "hint": "look after the machines that ran perfgate worker"}


@dataclass(frozen=True)
class Lead:
    """What the gate asks for. machines: how many. patience: seconds to wait for them. orders: for each of them."""

    host: str
    port: int
    machines: int
    patience: float
    orders: protocol.Orders


class Master:
    """Carries out the gate's commands on all machines. tell: sends a line to the gate."""

    def __init__(self, lead: Lead, tell: Callable[[dict[str, Any]], None]) -> None:
        self._lead = lead
        self._tell = tell
        self._roster = Roster()
        self._openings: dict[tuple[str, str], tuple[int, messages.Open]] = {}
        self._number = 0
        self._answers: dict[tuple[str, int], dict[str, Any]] = {}
        self._environment = Environment(
            user_classes=[user_class(Seats())], parsed_options=Namespace(enable_rebalancing=True, headless=False)
        )
        self._runner = self._environment.create_master_runner(lead.host, lead.port)
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
        if machine not in self._roster.members and machine in self._runner.clients:
            self._runner.send_message("quit", client_id=machine)

    def _greeted(self, environment: Any, msg: Any, **_: Any) -> None:
        hello = protocol.Hello(**msg.data)
        number = self._runner.get_worker_index(msg.node_id)
        refusal = protocol.unfit(hello, number)
        if refusal is not None:
            self._note_refusal(refusal.error)
            self._runner.send_message(protocol.REFUSAL, asdict(refusal), msg.node_id)
            return
        self._roster.greet(msg.node_id, hello.name)
        orders = replace(self._lead.orders, worker=number)
        self._runner.send_message(protocol.ORDERS, asdict(orders), msg.node_id)

    def _found_fit(self, environment: Any, msg: Any, **_: Any) -> None:
        member = self._roster.members[msg.node_id]
        member.fit = True
        self._say(f"{member.name} has joined: {len(self._present())} of {self._lead.machines} machines")

    def _refused(self, environment: Any, msg: Any, **_: Any) -> None:
        self._note_refusal(msg.data["error"])

    def _note_refusal(self, error: str) -> None:
        self._roster.refusals.append(error)
        self._say(f"refused: {error}")

    def _say(self, news: str) -> None:
        self._tell({"news": news})

    def _present(self) -> list[str]:
        """The fit machines that Locust has not missed."""
        return [machine for machine in self._roster.fit() if self._is_there(machine)]

    def _is_there(self, machine: str) -> bool:
        node = self._runner.clients.get(machine)
        return node is not None and node.state != STATE_MISSING

    def gather(self) -> dict[str, Any]:
        """Wait until as many machines are there as were asked for; a complaint where they do not come."""
        wanted, patience = self._lead.machines, self._lead.patience
        deadline = time.monotonic() + patience
        while len(self._present()) < wanted:
            if time.monotonic() > deadline:
                hint = f"run perfgate worker --master HOST:{self.port} on each machine, or ask for fewer with --workers"
                return {"error": self._roster.shortfall(wanted, patience), "hint": hint}
            gevent.sleep(_LOOK)
        return {}

    # What they are told.

    def open(self, command: messages.Open, patience: float) -> dict[str, Any]:
        """Run the setup on one machine; all get what it returned, with their first round."""
        found = self._on_one(command, patience)
        if "error" not in found:
            self._number += 1
            self._openings[command.scenario, command.side] = (
                self._number,
                replace(command, set_up=False, data=found["data"]),
            )
        return found

    def close(self, command: messages.Close, patience: float) -> dict[str, Any]:
        """Run the teardown on one machine, and have all forget the crew."""
        self._openings.pop((command.scenario, command.side), None)
        found = self._on_one(command, patience)
        for machine in self._present():
            self._send(machine, replace(command, tear_down=False), 0)
        return found

    def play(self, command: messages.Play, users: int, patience: float) -> dict[str, Any]:
        """One round on all machines: what each says of it, and why it is not to be believed.

        users: as many as the scenario ever has. patience: seconds in which all must have answered.
        """
        if not self._present():
            return _NOBODY_LEFT
        self._environment.stop_timeout = patience
        places = self._settled(users)
        if places is None:
            text = f"Locust had {self._runner.user_count} of {users} users after {_SETTLING:g} s"
            return {"played": [], "machines": len(self._present()), "problems": [text]}
        number = self._next_number()
        opening, opened = self._openings[command.scenario, command.side]
        for place, machine in enumerate(places):
            member = self._roster.members[machine]
            if opening not in member.opened:
                self._send(machine, opened, 0)
                member.opened.add(opening)
            self._send(machine, replace(command, share=Share(place, len(places))), number, users)
        waited = self._answers_of(places, number, patience)
        played = [answer["played"] for answer in waited.values() if "played" in answer]
        problems = []
        for machine, answer in waited.items():
            if "error" in answer:
                problems.append(f"{self._roster.name(machine)}: {answer['error']}")
                self._roster.members[machine].opened.discard(opening)  # it may have missed that
        problems += [self._loss(machine, patience) for machine in places if machine not in waited]
        return {"played": played, "machines": len(places), "problems": problems}

    def _settled(self, users: int) -> list[str] | None:
        """The machines that have a user, in order; None where Locust does not get the users evenly into being."""
        deadline = time.monotonic() + _SETTLING
        # Locust forgets to give users to a machine that it had missed and that has come back.
        left_out = 0 in self._users_on(self._present()).values()
        while time.monotonic() < deadline:
            if self._present() and (left_out or not self._is_running(users)):
                self._runner.start(users, spawn_rate=users)
                left_out = False
            places = in_order(self._users_on(self._present()), users)
            if places is not None:
                return places
            gevent.sleep(_LOOK)
        return None

    def _is_running(self, users: int) -> bool:
        return self._runner.target_user_count == users and self._runner.state in (STATE_SPAWNING, STATE_RUNNING)

    def _users_on(self, machines: list[str]) -> dict[str, int]:
        return {machine: self._runner.clients[machine].user_count for machine in machines}

    def _answers_of(self, machines: list[str], number: int, patience: float) -> dict[str, dict[str, Any]]:
        """The answers to a command; none of those who were missed, or were too slow."""
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
        name = self._roster.name(machine)
        if self._is_there(machine):
            return f"the machine {name} did not report in {patience:.0f} s, so part of the load is unknown"
        if machine in self._runner.clients:
            return f"the machine {name} was lost: it fell silent during the round"
        return f"the machine {name} left during the round"

    def _on_one(self, command: messages.Command, patience: float) -> dict[str, Any]:
        present = self._present()
        if not present:
            return _NOBODY_LEFT
        number = self._next_number()
        self._send(present[0], command, number)
        found = self._answers_of(present[:1], number, patience)
        lost = {"error": self._loss(present[0], patience), "hint": "look after that machine, and run it again"}
        return found.get(present[0], lost)

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _send(self, machine: str, command: messages.Command, number: int, users: int = 0) -> None:
        line = messages.write(command).decode()
        self._runner.send_message(protocol.COMMAND, {"number": number, "users": users, "line": line}, machine)

    # What they answer.

    def _answered(self, environment: Any, msg: Any, **_: Any) -> None:
        self._answers[msg.node_id, msg.data["number"]] = msg.data

    def _reported(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        for answer in data.pop(protocol.REPORT, ()):
            self._answers[client_id, answer["number"]] = answer

    def quit(self) -> None:
        """Tell all machines that it is over."""
        self._runner.quit()


def serve(lines: Any, tell: Callable[[dict[str, Any]], None]) -> None:
    """Do what the lines say until they end."""
    plain = json.loads(lines.readline())
    lead = Lead(**{**plain, "orders": protocol.Orders(**plain["orders"])})
    try:
        master = Master(lead, tell)
    except (SystemExit, RPCError, OSError):
        hint = "end what listens there, or name another place with listen under [locust] in perfgate.toml"
        tell({"error": f"Locust's master cannot listen on {lead.host}:{lead.port}", "hint": hint})
        return
    tell({"port": master.port})
    # The gate asks one thing at a time. Meanwhile it is listened to, so that its end is noticed at once.
    while line := lines.readline():
        gevent.spawn(lambda asked: tell(_carried_out(master, asked)), json.loads(line))
    master.quit()


def _carried_out(master: Master, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return _answer_to(master, asked)
    except Exception as error:  # a mistake of ours: the gate must hear of it rather than wait
        return {"error": f"Locust's master failed: {type(error).__name__}: {error}", "hint": "please report it"}


def _answer_to(master: Master, asked: dict[str, Any]) -> dict[str, Any]:
    if asked["do"] == "gather":
        return master.gather()
    command = messages.read(asked["line"])
    if isinstance(command, messages.Open):
        return master.open(command, asked["patience"])
    if isinstance(command, messages.Close):
        return master.close(command, asked["patience"])
    return master.play(command, asked["users"], asked["patience"])


def main() -> None:
    """Serve the gate until it closes the pipe."""
    logging.disable(logging.CRITICAL)  # Locust's log is for its own command line; what matters is told as news
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)

    def tell(value: dict[str, Any]) -> None:
        data = json.dumps(value).encode() + b"\n"
        while data:
            data = data[answers.write(data) :]

    serve(FileObject(os.dup(0), "rb"), tell)
    os._exit(0)  # machines that do not hear are not waited for


if __name__ == "__main__":
    main()
