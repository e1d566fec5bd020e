"""Messages between the gate's process and its children: as lines, and over real pipes."""

import os
import threading

import pytest

from perfgate.errors import NoVerdictError
from perfgate.load.generator.messages import COMMANDS, Close, Open, Play, Start, WorkerConfig
from perfgate.load.locustfile.messages import FileSettings, Inspection, Mistake, PlayRound
from perfgate.load.machines.messages import JoinRequest
from perfgate.load.pacer import Share, Slice
from perfgate.load.phase import Phase
from perfgate.load.processes.messages import Complaint, News, Reply, from_line, to_line
from perfgate.load.processes.parent import Parent

CONFIG = WorkerConfig("scenarios", ("a", "b"), None, 1.5, 2, 7, 1, (0, 1), {"": 2.5, "a": 4.0})


@pytest.mark.parametrize(
    "message",
    [
        Start(CONFIG, 1),
        Open("a", "base", "http://localhost", True, {"pets": [1, {"name": "doggie"}]}, "ca.pem"),
        Open("a", "base", "https://localhost", False, None, False),
        Play("a", "head", Slice(0.0, 1.0, None), 30.0, Share(0, 2), Phase.WARM_UP, 0, 12.5),
        Close("a", "", False),
        Inspection(FileSettings(None, 2.0, True, ((1, 2.0), (3, 4.0))), None),
        Inspection(None, Mistake("no", "yes", None)),
        PlayRound(1.0, ((0.0, 4), (0.5, 8)), 2, 0.5, 0.25, 7, False),
        Reply({"data": None}),
        News("one\ntwo"),
    ],
)
def test_a_message_is_one_line_and_comes_back_as_it_was(message):
    line = to_line(message)
    assert line.count(b"\n") == 1
    assert from_line(line, *COMMANDS, type(message)) == message


def test_a_path_comes_back_as_a_path(tmp_path):
    request = JoinRequest("gate", 5557, tmp_path, 1.0)
    assert from_line(to_line(request), JoinRequest) == request


@pytest.fixture
def parent():
    """The child's end, and the parent's ends of its two pipes."""
    (their_input, our_output), (our_input, their_output) = os.pipe(), os.pipe()
    yield Parent(their_input, their_output), our_output, our_input
    for end in (their_input, our_input, their_output):
        os.close(end)


def test_messages_that_come_in_pieces_or_together_are_told_apart(parent):
    child, output, _ = parent
    lines = b"".join(to_line(News(text)) for text in ("a", "b"))
    os.write(output, lines[:5])
    threading.Timer(0.05, os.write, (output, lines[5:])).start()
    assert [child.receive(News), child.receive(News)] == [News("a"), News("b")]
    os.close(output)
    assert child.receive(News) is None, "the end of the parent"


def test_an_answer_that_is_larger_than_a_pipe_gets_through(parent):
    child, output, received = parent
    os.close(output)
    thread = threading.Thread(target=child.news, args=("x" * 300_000,))
    thread.start()
    data = b""
    while not data.endswith(b"\n"):
        data += os.read(received, 1 << 16)
    thread.join()
    assert from_line(data, News) == News("x" * 300_000)


@pytest.mark.parametrize(
    ("error", "complaint"),
    [
        (NoVerdictError("it failed", "try again"), Complaint("it failed", "try again", False)),
        (KeyError("x"), Complaint("the worker failed: KeyError: 'x'", "please report it", False)),
    ],
)
def test_a_step_that_fails_is_answered_with_the_reason(parent, error, complaint):
    child, output, received = parent
    os.close(output)

    def step():
        raise error

    child.answer(step, "the worker failed")
    assert from_line(os.read(received, 1 << 16), Complaint) == complaint
