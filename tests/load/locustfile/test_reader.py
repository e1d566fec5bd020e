"""Locustfiles as far as they can be told without Locust: a glance at the source, and shapes as numbers."""

import pytest

from perfgate.errors import UsageError
from perfgate.load.locustfile.engine import LocustfileEngine
from perfgate.load.locustfile.reader import LocustfileReader
from perfgate.load.locustfile.shapes import profile_of, steps_of
from perfgate.scenario.profile import ConstantVUs
from perfgate.scenario.script import Script


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("from locust import HttpUser, task\nclass A(HttpUser): pass\n", True),
        ("import locust\n", True),
        ("import locust.contrib.fasthttp as fast\n", True),
        ("from locust.contrib.fasthttp import FastHttpUser\n", True),
        ("if True:\n    from locust import HttpUser\n", True),
        ("from perfgate import scenario\n", False),
        ("from perfgate import scenario\nimport locust\n", False),
        ("from .locust import HttpUser\n", False),
        ("# from locust import HttpUser\n", False),
        ("import locusts\n", False),
        ("from locust import (\n", False),
        ("raise SystemExit('never run')\nimport locust\n", True),
    ],
)
def test_a_locustfile_is_told_by_what_it_imports_and_nothing_is_run(tmp_path, text, known):
    file = tmp_path / "file.py"
    file.write_text(text)
    assert LocustfileReader().knows(file) is known


def test_other_files_are_no_locustfiles(tmp_path):
    file = tmp_path / "file.js"
    file.write_text("import locust\n")
    assert not LocustfileReader().knows(file)
    assert not LocustfileReader().knows(tmp_path / "missing.py")


def test_a_shape_becomes_levels_of_a_second():
    profile = profile_of([(4, 4), (4, 4), (10, 3), (10, 3), (2, 10)])
    assert profile.duration == 5
    assert [profile.vus_at(t) for t in (0, 0.9, 1.5, 2.0, 2.9, 3.5, 4.0, 4.9)] == [4, 4, 4, 7, 7, 10, 2, 2]
    assert profile.vus_max == 10


def test_users_come_at_the_rate_that_the_shape_says():
    profile = profile_of([(100, 10)] * 3)
    assert [profile.vus_at(t) for t in (0, 1, 2)] == [10, 20, 30]


def test_a_part_of_a_profile_is_a_list_of_steps():
    profile = profile_of([(4, 4), (8, 4), (8, 4)])
    assert steps_of(profile, 0.0, 3.0) == [(0.0, 4), (1.0, 8)]
    assert steps_of(profile, 0.5, 1.0) == [(0.0, 4), (0.5, 8)]
    assert steps_of(ConstantVUs(7, 60.0), 10.0, 1.0) == [(0.0, 7)]


def test_a_unix_socket_is_refused_before_anything_is_started(tmp_path):
    script = Script("shop", "locust", ConstantVUs(7, 60.0), (), tmp_path / "shop.py", 1)
    with pytest.raises(UsageError, match="unix socket"):
        LocustfileEngine().open(script, "", "http+unix://%2Ftmp%2Fshop.sock")
