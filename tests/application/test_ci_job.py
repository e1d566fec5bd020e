"""The branch that CI names in its variables, and requests to merge, which are never taken for the default branch."""

import pytest

from perfgate.application.ci_job import CiJob, ci_job, in_ci

MAIN = CiJob("main", False, "")
REQUEST = CiJob("feature", True, "main")

ON_MAIN = {
    "GitHub": {"CI": "true", "GITHUB_REF_NAME": "main", "GITHUB_BASE_REF": "", "GITHUB_HEAD_REF": ""},
    "GitLab": {"CI": "true", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main"},
    "GitLab, an old one": {"CI": "true", "CI_COMMIT_REF_NAME": "main"},
    "Jenkins, several branches": {"JENKINS_URL": "http://ci/", "BRANCH_NAME": "main", "GIT_BRANCH": "main"},
    "Jenkins, one branch": {"JENKINS_URL": "http://ci/", "GIT_BRANCH": "origin/main"},
    "Azure": {"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/main"},
    "Bitbucket": {"CI": "true", "BITBUCKET_BRANCH": "main"},
    "Buildkite": {"CI": "true", "BUILDKITE_BRANCH": "main", "BUILDKITE_PULL_REQUEST": "false"},
    "CircleCI": {"CI": "true", "CIRCLE_BRANCH": "main"},
    "Travis": {"CI": "true", "TRAVIS_BRANCH": "main", "TRAVIS_PULL_REQUEST": "false"},
    "Drone": {"CI": "true", "DRONE_BRANCH": "main"},
    "AppVeyor": {"CI": "True", "APPVEYOR_REPO_BRANCH": "main"},
    "Semaphore": {"CI": "true", "SEMAPHORE_GIT_BRANCH": "main"},
    "Woodpecker": {"CI": "woodpecker", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_PULL_REQUEST": ""},
}
FOR_A_REQUEST = {
    "GitHub": {"CI": "true", "GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "feature", "GITHUB_REF_NAME": "7/merge"},
    "GitLab": {
        "CI": "true",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_COMMIT_REF_NAME": "feature",
    },
    "Jenkins": {
        "JENKINS_URL": "http://ci/",
        "CHANGE_ID": "7",
        "CHANGE_BRANCH": "feature",
        "CHANGE_TARGET": "main",
        "BRANCH_NAME": "PR-7",
    },
    "Azure": {
        "TF_BUILD": "True",
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
        "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/feature",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
        "BUILD_SOURCEBRANCH": "refs/pull/7/merge",
    },
    "Bitbucket": {
        "CI": "true",
        "BITBUCKET_PR_ID": "7",
        "BITBUCKET_BRANCH": "feature",
        "BITBUCKET_PR_DESTINATION_BRANCH": "main",
    },
    "Buildkite": {
        "CI": "true",
        "BUILDKITE_BRANCH": "feature",
        "BUILDKITE_PULL_REQUEST": "7",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main",
    },
    "Travis": {
        "CI": "true",
        "TRAVIS_BRANCH": "main",
        "TRAVIS_PULL_REQUEST": "7",
        "TRAVIS_PULL_REQUEST_BRANCH": "feature",
    },
    "Drone": {
        "CI": "true",
        "DRONE_BRANCH": "main",
        "DRONE_PULL_REQUEST": "7",
        "DRONE_SOURCE_BRANCH": "feature",
        "DRONE_TARGET_BRANCH": "main",
    },
    "AppVeyor": {
        "CI": "True",
        "APPVEYOR_REPO_BRANCH": "main",
        "APPVEYOR_PULL_REQUEST_NUMBER": "7",
        "APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH": "feature",
    },
    "Semaphore": {
        "CI": "true",
        "SEMAPHORE_GIT_BRANCH": "main",
        "SEMAPHORE_GIT_PR_NUMBER": "7",
        "SEMAPHORE_GIT_PR_BRANCH": "feature",
    },
    "Woodpecker": {
        "CI": "woodpecker",
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_PULL_REQUEST": "7",
        "CI_COMMIT_SOURCE_BRANCH": "feature",
        "CI_COMMIT_TARGET_BRANCH": "main",
    },
}


@pytest.mark.parametrize("variables", ON_MAIN.values(), ids=ON_MAIN)
def test_a_job_of_a_branch_is_named_by_what_its_ci_documents(variables):
    assert in_ci(variables)
    assert ci_job(variables) == MAIN


@pytest.mark.parametrize("variables", FOR_A_REQUEST.values(), ids=FOR_A_REQUEST)
def test_a_job_for_a_request_is_of_the_branch_that_is_to_be_merged(variables):
    assert in_ci(variables)
    assert ci_job(variables) == REQUEST


def test_circleci_tells_requests_from_forks_alone_and_their_branch_is_no_name_of_one():
    fork = {"CI": "true", "CIRCLE_BRANCH": "pull/7", "CIRCLE_PR_NUMBER": "7"}
    assert ci_job(fork) == CiJob("pull/7", True, "")


@pytest.mark.parametrize("variables", [{}, {"CI": ""}, {"CI": "false"}, {"CI": "0"}])
def test_where_no_ci_runs_this_a_variable_of_such_a_name_is_somebody_elses(variables):
    named = {**variables, "BRANCH_NAME": "main", "GIT_BRANCH": "main"}
    assert not in_ci(named)
    assert ci_job(named).branch == ""


def test_a_job_without_a_branch_has_none():
    assert ci_job({"CI": "true"}).branch == ""
    assert ci_job({"JENKINS_URL": "http://ci/", "GIT_BRANCH": "detached"}).branch == ""
