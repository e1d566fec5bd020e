"""Tokens of a job: nothing that inherits our environment, or reads it, has them."""

import pytest

from perfgate.tokens import tokens_withheld, without_tokens, without_user_info

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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot connect to postgres://app:s3cret@db:5432/shop", "cannot connect to postgres://…@db:5432/shop"),
        ("404 for url: http://me:pa%40ss@shop:80/seed?by=a@b", "404 for url: http://…@shop:80/seed?by=a@b"),
        ("redis://:s3cr@et@cache:6379/0", "redis://…@cache:6379/0"),
        ("amqp://app:s3/cr@et@queue and then", "amqp://…@queue and then"),
        ('{"dsn":"mysql://app:s3@db/x","mail":"a@b"}', '{"dsn":"mysql://…@db/x","mail":"a@b"}'),
        ("dial root:hunter2@tcp(127.0.0.1:3306)/app: refused", "dial …@tcp(127.0.0.1:3306)/app: refused"),
        ("-dsn=root:hunter2@unix(/run/my.sock)/app", "-dsn=…@unix(/run/my.sock)/app"),
        ("postgres://a:12/3@h/x", "postgres://…@h/x"),
        ("HTTPS://me:pa/ss@h/x", "HTTPS://…@h/x"),
    ],
)
def test_user_info_of_urls_is_not_shown(text, shown):
    assert without_user_info(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://shop/mail/a@b and a@b",
        "https://shop/users/@me",
        "npm http fetch GET 200 https://registry.test:443/@scope%2fname 3ms",
        "https://registry.test/npm/@scope/name",
        "2026-11-30T10:00:00Z INFO mailto:a@b at http://shop:80/pet",
        "10:02:11 [main@4f] listening on http://0.0.0.0:8080",
    ],
)
def test_what_is_no_user_info_stays(text):
    assert without_user_info(text) == text


def test_a_word_without_end_takes_no_time() -> None:
    """Patterns that try every start of a word to its end would take minutes for this."""
    word = "a:/b" * 50_000
    assert without_user_info(f"{word}://{word}@tcp({word}") != ""
