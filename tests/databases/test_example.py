"""examples/node-redis, as it stands there, with a Redis of its own for each side."""

from tests.support.examples import play


def test_keys_that_are_asked_for_one_by_one_turn_it_red(tmp_path):
    played = play(tmp_path, "node-redis")
    assert played.code == 1, played.said
    assert played.changes()["dependency_cpu{name:cache}"] > 0.5


def test_a_commit_that_changes_nothing_is_not_red(tmp_path):
    played = play(tmp_path, "node-redis", "--unchanged")
    assert played.code == 0, played.said
    assert played.changes()
