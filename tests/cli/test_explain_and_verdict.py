"""A gate explains itself, from what it is told to look with; what fails there changes no verdict."""

from __future__ import annotations

import json
import sys
from functools import partial

import pytest

from perfgate.application.explaining import FoundCauses
from tests.support.command import BRIEF
from tests.support.deciding import decided, valid_command
from tests.support.explained import DUET, SOONER, explained
from tests.support.planted import Planted, new_repository, sources

# Folded stacks as a profiler would print them, as many samples of each side: of head more in one function.
PRINTS = """
import os, pathlib, sys
text = pathlib.Path("/proc", sys.argv[1], "cwd", "shop", "prices.py").read_text()
discount = 50 if "range(400)" in text else 200
print("handle;work", 600 - discount)
print("handle;discount", discount)
"""


@pytest.fixture
def repository(tmp_path):
    return new_repository(tmp_path / "repository", SOONER)


def test_a_command_that_prints_folded_stacks_serves(repository):
    (repository.folder / "profile.py").write_text(PRINTS)
    command = f'command = "{sys.executable} profile.py {{pid}} {{seconds}}"\n'
    repository.commit(**{**sources(Planted("code", "shop.prices.discount", 0.01)), "perfgate.toml": SOONER + command})
    _, result = explained(repository, *DUET, "--explain")
    (cause,) = result["causes"]
    assert (cause["function"], cause["file"], cause["changed"]) == ("discount", "", None)


def test_a_profiler_that_fails_changes_no_verdict_and_is_named(repository):
    repository.commit(**{"perfgate.toml": SOONER + 'command = "false {pid}"\n'})
    done, result = explained(repository, *DUET, "--explain", "--margin", "60%")
    (note,) = [note for note in result["validity"] if "the cause was not looked for" in note["message"]]
    assert "exit code 1" in note["message"]
    assert not note["invalid"]
    assert done.code == result["exit_code"]


def test_differences_that_cannot_be_looked_for_change_no_verdict(perfgate, monkeypatch):
    def fails(*_):
        raise RuntimeError("a file of a kind that nobody knew")

    monkeypatch.setattr("perfgate.application.explaining.find_differences", fails)
    monkeypatch.setattr("perfgate.application.explaining._Explainer.explain", lambda *_: FoundCauses((), ()))
    arguments = ["duet", "petstore", "petstore", *BRIEF, "--budget", "1s", "--explain", "--json", "-"]
    done = valid_command(partial(perfgate, *arguments))
    assert done.code == 0, done.err
    (note,) = [note for note in json.loads(done.out)["validity"] if "other differences" in note["message"]]
    assert "perfgate failed at it: RuntimeError: a file of a kind that nobody knew" in note["message"]


def test_a_red_gate_is_explained_by_itself(repository):
    repository.commit(**{"requirements.txt": "fastapi==0.110.0\n"})
    changed = sources(Planted("code", "shop.stock.count", 3.0))
    repository.commit(**changed, **{"requirements.txt": "fastapi==0.115.2\n"})
    arguments = ["gate", "--base", "ref:HEAD~1", "--head", "ref:HEAD", "--budget", "8s", "--json", "r.json"]
    measure = partial(explained, repository, *arguments, "--round", "0.2s", "--margin", "20%")
    done, result = decided(measure, lambda found: found[1]["verdict"])
    assert (done.code, result["verdict"]) == (1, "fail")
    assert result["causes"][0]["function"] == "shop.stock.count"
    (one,) = result["differences"]
    assert (one["name"], one["base"], one["head"]) == ("fastapi", "0.110.0", "0.115.2")
    assert "What else differs:\n- Packages (requirements.txt): fastapi 0.110.0 → 0.115.2.\n" in done.out


def test_a_function_that_waits_longer_is_named_where_nothing_takes_more_cpu(repository):
    repository.commit(**sources(Planted("sleep", "shop.stock.count", 2.0)))
    arguments = [*DUET[:3], "--budget", "8s", "--round", "0.2s", "--json", "r.json", "--explain"]
    done, result = explained(repository, *arguments)
    assert result["causes"][0]["function"] == "shop.stock.count"
    assert (result["causes"][0]["kind"], result["causes"][0]["changed"]) == ("waiting", True)
    assert "longer in shop.stock.count" in " ".join(done.out.split())


def test_without_a_base_to_measure_beside_head_it_is_said_that_nothing_is_explained(perfgate):
    done = perfgate("gate", "--head", "petstore", "--explain", *BRIEF)
    assert "--explain does nothing here: there is no base" in done.err
    assert "--explain" not in perfgate("gate", "--head", "petstore", *BRIEF).err
