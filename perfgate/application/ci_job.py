"""What CI says in its variables: whether this is one of its jobs, of which branch, and for which request to merge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Jenkins and Azure do not set CI.
_MARKS = ("CI", "JENKINS_URL", "TF_BUILD")
_NO = ("", "false", "0")
_PREFIXES = ("refs/heads/", "refs/tags/", "refs/remotes/")


@dataclass(frozen=True)
class _Variables:
    """The variables of one CI, as it documents them; the first of each that is set counts.

    request: set only for a pull or merge request.
    source: then the branch that is to be merged.
    target: then the branch that it is merged into.
    branch: otherwise the branch, or the tag, that is built.
    """

    request: tuple[str, ...]
    source: tuple[str, ...]
    target: tuple[str, ...]
    branch: tuple[str, ...]


_GITHUB = _Variables(
    ("GITHUB_BASE_REF",), ("GITHUB_HEAD_REF", "GITHUB_REF_NAME"), ("GITHUB_BASE_REF",), ("GITHUB_REF_NAME",)
)
_GITLAB = _Variables(
    ("CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID"),
    ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME"),
    ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"),
    ("CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME"),
)
_WOODPECKER = _Variables(
    ("CI_COMMIT_PULL_REQUEST",), ("CI_COMMIT_SOURCE_BRANCH",), ("CI_COMMIT_TARGET_BRANCH",), ("CI_COMMIT_BRANCH",)
)
_JENKINS = _Variables(("CHANGE_ID",), ("CHANGE_BRANCH",), ("CHANGE_TARGET",), ("BRANCH_NAME", "GIT_BRANCH"))
_AZURE = _Variables(
    ("SYSTEM_PULLREQUEST_PULLREQUESTID",),
    ("SYSTEM_PULLREQUEST_SOURCEBRANCH",),
    ("SYSTEM_PULLREQUEST_TARGETBRANCH",),
    ("BUILD_SOURCEBRANCH",),
)
_BITBUCKET = _Variables(
    ("BITBUCKET_PR_ID",), ("BITBUCKET_BRANCH",), ("BITBUCKET_PR_DESTINATION_BRANCH",), ("BITBUCKET_BRANCH",)
)
_BUILDKITE = _Variables(
    ("BUILDKITE_PULL_REQUEST",), ("BUILDKITE_BRANCH",), ("BUILDKITE_PULL_REQUEST_BASE_BRANCH",), ("BUILDKITE_BRANCH",)
)
# It has the number for requests from forks alone; their branch is called like pull/7.
_CIRCLE = _Variables(("CIRCLE_PR_NUMBER",), ("CIRCLE_BRANCH",), (), ("CIRCLE_BRANCH",))
# Of the following, what names the branch names the target in a request.
_TRAVIS = _Variables(("TRAVIS_PULL_REQUEST",), ("TRAVIS_PULL_REQUEST_BRANCH",), ("TRAVIS_BRANCH",), ("TRAVIS_BRANCH",))
_DRONE = _Variables(("DRONE_PULL_REQUEST",), ("DRONE_SOURCE_BRANCH",), ("DRONE_TARGET_BRANCH",), ("DRONE_BRANCH",))
_APPVEYOR = _Variables(
    ("APPVEYOR_PULL_REQUEST_NUMBER",),
    ("APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH",),
    ("APPVEYOR_REPO_BRANCH",),
    ("APPVEYOR_REPO_BRANCH",),
)
_SEMAPHORE = _Variables(
    ("SEMAPHORE_GIT_PR_NUMBER",), ("SEMAPHORE_GIT_PR_BRANCH",), ("SEMAPHORE_GIT_BRANCH",), ("SEMAPHORE_GIT_BRANCH",)
)
_ALL = (
    *(_GITHUB, _WOODPECKER, _GITLAB, _JENKINS, _AZURE, _BITBUCKET, _BUILDKITE),
    *(_CIRCLE, _TRAVIS, _DRONE, _APPVEYOR, _SEMAPHORE),
)


@dataclass(frozen=True)
class CiJob:
    """The job of a CI.

    branch: whose code it has; a tag's name where a tag is built; "" where CI does not say.
    is_request: whether it is for a pull or merge request.
    target: the branch that the request is merged into; "" where there is none, or CI does not say.
    """

    branch: str
    is_request: bool
    target: str


def in_ci(environment: Mapping[str, str]) -> bool:
    """Whether a CI runs this."""
    return any(environment.get(mark, "").lower() not in _NO for mark in _MARKS)


def ci_job(environment: Mapping[str, str]) -> CiJob:
    """What the variables say of this job. Outside of CI only GitHub's count: BRANCH_NAME may be anybody's."""
    known = _ALL if in_ci(environment) else (_GITHUB,)
    for one in known:
        if _first(environment, one.request):
            return CiJob(_first(environment, one.source), True, _first(environment, one.target))
    named = (_first(environment, one.branch) for one in known)
    return CiJob(next(filter(None, named), ""), False, "")


def _first(environment: Mapping[str, str], names: Iterable[str]) -> str:
    return next(filter(None, (_value(environment, name) for name in names)), "")


def _value(environment: Mapping[str, str], name: str) -> str:
    """A branch's name without what goes before it; "" for a variable that is not set, or says no."""
    value = environment.get(name, "").strip()
    for prefix in _PREFIXES:
        value = value.removeprefix(prefix)
    if name == "GIT_BRANCH":  # of Jenkins' plugin for git: with the remote, or "detached"
        value = "" if value == "detached" else value.removeprefix("origin/")
    return "" if value.lower() in _NO else value
