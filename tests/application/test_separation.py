"""application/separation: a start that fails in a duet is told of what both sides may share."""

import pytest

from perfgate.application.separation import sharing_named
from perfgate.errors import TargetError
from perfgate.service.settings import DependencySettings, LaunchContext, ServiceSettings
from perfgate.service.target import Commit, CommitTarget, parse_target

COMMIT = CommitTarget("ref:main", Commit("1" * 40, "main", unsaved=False, tree=""))
SHARED = ServiceSettings(command=("serve",), env={"DATABASE": "postgresql://localhost/shop"})


def hint(settings=SHARED, target=COMMIT, side="base"):
    with pytest.raises(TargetError) as caught, sharing_named(target, LaunchContext(settings, side=side)):
        raise TargetError("it ended", "see why")
    return caught.value.hint


def test_what_both_sides_may_share_is_named():
    assert hint().startswith("see why; where base and head share a database")
    assert "[[dependencies]]" in hint()
    assert "{side}" in hint()


@pytest.mark.parametrize(
    "settings",
    [
        ServiceSettings(command=("serve",), env={"DATABASE": "shop_{side}"}),
        ServiceSettings(command=("serve",), env={"DATABASE": "shop_{port}"}),
        ServiceSettings(command=("serve",), seed=("migrate",)),
        ServiceSettings(command=("serve",), dependencies=(DependencySettings("db", image="postgres"),)),
    ],
)
def test_sides_that_have_their_own_are_not_told(settings):
    assert hint(settings) == "see why"


def test_neither_a_run_nor_what_is_no_commit_is_told():
    assert hint(side="") == "see why"
    assert hint(target=parse_target("image:shop")) == "see why"
