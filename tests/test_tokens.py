"""Tokens of a job: nothing that inherits our environment, or reads it, has them."""

from perfgate.tokens import tokens_withheld, without_tokens

JOB = {
    "PATH": "/bin",
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_TOKEN": "t",
    "GH_TOKEN": "t",
    "PERFGATE_TOKEN": "t",
    "ACTIONS_RUNTIME_TOKEN": "t",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
}


def test_other_variables_stay():
    assert without_tokens(JOB) == {"PATH": "/bin", "GITHUB_REF": "refs/heads/main"}


def test_they_are_withheld_for_a_while():
    environment = dict(JOB)
    with tokens_withheld(environment):
        assert environment == without_tokens(JOB)
    assert environment == JOB
