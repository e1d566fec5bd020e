"""CPUs of other people's processes: overridden with all their threads, and restored whoever goes first."""

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

import pytest

from perfgate.service import overrides
from perfgate.service.owner import this_process
from perfgate.service.processes.affinity_override import AffinityOverride, restore_abandoned_affinities
from tests.support.strangers import stranger

CPUS = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
pytestmark = pytest.mark.skipif(len(CPUS) < 2, reason="takes Linux, and two CPUs")

# A server with two threads, of which one chose its CPU, and a child; at a SIGUSR1 there is another child.
SERVER = """
import os, signal, sys, threading, time
os.setpgid(0, 0)  # before there are children, which end with it
def child():
    if not os.fork():
        time.sleep(600)
def choose():
    os.sched_setaffinity(0, {int(sys.argv[1])})
    chosen.set()
    time.sleep(600)
chosen = threading.Event()
threading.Thread(target=choose, daemon=True).start()
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
chosen.wait()
child()
signal.signal(signal.SIGUSR1, lambda *_: child())
signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
print("ready", flush=True)
while True:
    signal.pause()
"""


def threads_of(pid):
    """The affinity of each thread of a process and its children."""
    children = [int(word) for task in os.listdir(f"/proc/{pid}/task") for word in _children(pid, task)]
    found = {}
    for process in (pid, *children):
        found |= {int(task): sorted(os.sched_getaffinity(int(task))) for task in os.listdir(f"/proc/{process}/task")}
    return found


def _children(pid, task):
    with open(f"/proc/{pid}/task/{task}/children") as file:
        return file.read().split()


@pytest.fixture(autouse=True)
def notes(tmp_path, monkeypatch):
    """Where notes are kept: what is left there at the end."""
    folder = tmp_path / "notes"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return lambda: list(folder.glob("perfgate-affinity-*"))


@pytest.fixture
def server(tmp_path):
    """A process of nobody's; its number."""
    with stranger(tmp_path / "log", [sys.executable, "-c", SERVER, CPUS[1]]) as pid:
        yield pid


def fork_one_more(pid):
    before = len(threads_of(pid))
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + 30
    while len(threads_of(pid)) == before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_all_threads_and_children_are_moved_and_put_back_where_each_was(server, notes):
    before = threads_of(server)
    assert sorted(before.values()) == sorted([CPUS, CPUS, CPUS, [CPUS[1]]])
    override = AffinityOverride(server, (CPUS[0],))
    assert set(map(tuple, threads_of(server).values())) == {(CPUS[0],)}
    override.restore()
    assert threads_of(server) == before
    assert not notes()


def test_what_is_started_meanwhile_is_put_back_with_what_started_it(server):
    override = AffinityOverride(server, (CPUS[0],))
    fork_one_more(server)
    assert set(map(tuple, threads_of(server).values())) == {(CPUS[0],)}
    override.restore()
    assert sorted(threads_of(server).values()) == sorted([CPUS, CPUS, CPUS, CPUS, [CPUS[1]]])


def test_one_that_chose_its_cpus_meanwhile_keeps_them(server):
    override = AffinityOverride(server, (CPUS[0],))
    child = max(threads_of(server))
    os.sched_setaffinity(child, {CPUS[1]})
    override.restore()
    assert os.sched_getaffinity(child) == {CPUS[1]}
    assert os.sched_getaffinity(server) == set(CPUS)


def by(started, monkeypatch, pid, cpu):
    """An override by the perfgate that started then."""
    with monkeypatch.context() as patched:
        patched.setattr(overrides, "this_process", lambda: replace(this_process(), started=started))
        return AffinityOverride(pid, (cpu,))


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_whoever_goes_first_the_latest_who_stays_counts_and_in_the_end_all_is_as_before(
    server, monkeypatch, notes, order
):
    before = threads_of(server)
    staying = {number: by(number + 1, monkeypatch, server, CPUS[number]) for number in range(2)}
    for number in order:
        staying.pop(number).restore()
        if staying:
            assert os.sched_getaffinity(server) == {CPUS[max(staying)]}
    assert threads_of(server) == before
    assert not notes()


def test_the_other_side_of_a_duet_neither_overrides_nor_restores(server):
    first = AffinityOverride(server, (CPUS[0],))
    AffinityOverride(server, (CPUS[0],)).restore()
    assert os.sched_getaffinity(server) == {CPUS[0]}
    first.restore()
    assert os.sched_getaffinity(server) == set(CPUS)


def test_what_a_killed_one_left_is_put_back_by_the_next(server, notes):
    before = threads_of(server)
    code = (
        "import os, tempfile; from perfgate.service.processes.affinity_override import AffinityOverride as One\n"
        f"tempfile.tempdir = {tempfile.tempdir!r}; kept = One({server}, ({CPUS[0]},)); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert os.sched_getaffinity(server) == {CPUS[0]}
    assert len(notes()) == 1
    restore_abandoned_affinities()
    assert threads_of(server) == before
    assert not notes()


def test_a_process_that_has_ended_leaves_no_note(server, notes):
    override = AffinityOverride(server, (CPUS[0],))
    os.kill(server, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while os.path.exists(f"/proc/{server}"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    override.restore()
    assert not notes()
    with pytest.raises(ProcessLookupError):
        AffinityOverride(server, (CPUS[0],))


def test_what_is_refused_is_raised_and_leaves_no_note(server, monkeypatch, notes):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    with pytest.raises(PermissionError):
        AffinityOverride(server, (CPUS[0],))
    assert not notes()
