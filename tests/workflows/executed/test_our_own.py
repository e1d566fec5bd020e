"""Our own workflows, executed as they stand in this repository."""

import json

import pytest

from tests.support.command import QUICK
from tests.support.events import pull_request, workflow_run
from tests.support.sources import Source, checked_out, copy_of
from tests.support.toolbox import ROOT, build, docker

FORK = "stranger/pets"

SERVICE_IMAGE = "swaggerapi/petstore3:1.0.17"


@pytest.fixture(scope="module")
def service_image(python_image, source):
    """The image that the workflow names: the embedded petstore, which speaks like the real one, unless that is here."""
    if docker("image", "inspect", SERVICE_IMAGE).returncode:
        build(SERVICE_IMAGE, source)
        yield
        docker("image", "rm", SERVICE_IMAGE)
    else:
        yield


@pytest.fixture
def ours(forge, tmp_path):
    """This repository on the forge, with one scenario; whatever else runs on this machine decides nothing."""
    source = Source(forge, copy_of(ROOT, tmp_path / "ours"))
    for name in ("history/perfgate.db", "scenarios/order_pet.py", "scenarios/user_performance.py"):
        (source.folder / name).unlink()
    toml = (source.folder / "perfgate.toml").read_text()
    source.commit("All of it", {"perfgate.toml": f"{toml}\n{QUICK}"})
    return source


def test_a_push_to_main_measures_the_service_container_and_lands_in_the_history(
    forge, ours, push_to_main, service_image
):
    after = push_to_main(ours)
    assert forge.runs() == [(after, "http://localhost:8080/api/v3")]


def test_a_fork_that_makes_the_petstore_slower_fails_and_is_commented_on(forge, ours, runner, service_image, tmp_path):
    ours.branch("change")
    dockerfile = (ours.folder / "Dockerfile").read_text()
    head = ours.commit("Wait", {"Dockerfile": dockerfile.replace('"8080"]', '"8080", "--latency", "20ms"]')})
    base = ours.merged(head)
    work = checked_out(forge, tmp_path / "work", "refs/pull/7/merge", 2)
    ran = runner.decide(work, "perfgate.yml", "pull_request", pull_request(base, head, FORK))
    assert ran.code == 1, ran.log
    assert forge.api.comments == []
    result = json.loads((runner.artifacts / str(ran.run) / "perfgate" / "result.json").read_text())
    assert (result["base"]["commit"], result["head"]["commit"]) == (base, head)

    forge.api.add_pull(7, FORK, "change", head)
    trusted = checked_out(forge, tmp_path / "trusted", "refs/heads/main", 1)
    ended = workflow_run(ran.run, head, FORK, "failure")
    ran = runner.execute(trusted, "perfgate-comment.yml", "workflow_run", ended)
    assert ran.code == 0, ran.log
    (comment,) = forge.api.comments
    assert "got slower" in comment["body"]
