"""A history that takes no more: the run is kept elsewhere."""

import tempfile

import pytest

from perfgate.application.keeping import Keeper
from perfgate.history.store import open_history
from tests.support.histories import first_rounds, small_run

RUN = small_run(scenarios={"browse": {"GET /": 5.0}, "buy": {f"POST /{number}": 9.0 for number in range(50)}})


@pytest.fixture
def history(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    with open_history(tmp_path / "perfgate.db", create=True) as history:
        yield history


def fill(history):
    pages = history._connection.execute("PRAGMA page_count").fetchone()[0]
    history._connection.execute(f"PRAGMA max_page_count = {pages}")


def test_what_the_history_takes_is_there_alone(history, tmp_path):
    keeper = Keeper(history)
    for scenario in RUN.scenarios:
        keeper.save(RUN.record, scenario)
    keeper.finish(RUN.record.id)
    assert (keeper.trouble, keeper.kept_in) == (None, None)
    assert history.runs()[0].finished
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_run_whose_history_is_full_is_kept_elsewhere_as_a_whole(history):
    keeper = Keeper(history)
    first, second = RUN.scenarios
    keeper.save(RUN.record, first)
    fill(history)
    for count in (1, 2):
        keeper.save(RUN.record, first_rounds(second, count))
    keeper.save(RUN.record, second)
    keeper.finish(RUN.record.id)
    assert "the disk is full" in keeper.trouble.message
    with open_history(keeper.kept_in, create=False) as kept:
        (run,) = kept.runs()
        assert run.finished
        assert {(result.scenario, result.requests) for result in kept.results(run.record.id) if not result.request} == {
            (scenario.scenario, scenario.total.request_count) for scenario in RUN.scenarios
        }


def test_where_nothing_takes_it_the_measurement_goes_on(history, monkeypatch):
    keeper = Keeper(history)
    fill(history)
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")
    keeper.save(RUN.record, RUN.scenarios[1])
    keeper.finish(RUN.record.id)
    assert keeper.trouble is not None
    assert keeper.kept_in is None
