"""Values of facts in a report: what looks like a secret is never among them."""

from __future__ import annotations

import pytest

from perfgate.explain.differences.comparing import compare
from perfgate.explain.differences.facts import SERVICE, FactKind, Sheet
from perfgate.explain.differences.showing import shown

SECRET = "hunter2"
TOKEN_LIKE = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"


def difference(kind, name, base, head):
    (found,) = compare([Sheet(kind, SERVICE, {name: base})], [Sheet(kind, SERVICE, {name: head})])
    return found


@pytest.mark.parametrize(
    "name",
    ["PASSWORD", "DB_PASS", "db.pwd", "SECRET_KEY", "GITHUB_TOKEN", "apiKey", "API_KEY", "STRIPE_KEY", "AWS_KEY_ID",
     "SENTRY_DSN", "SESSION_SALT", "privateKey", "BASIC_AUTH", "CARD_PIN", "CLIENT_CERT", "JWT", "SigningSecret"],
)  # fmt: skip
def test_a_variable_with_the_name_of_a_secret_shows_no_value(name):
    found = difference(FactKind.ENVIRONMENT, name, "1234", "5678")
    assert (found.base, found.head, found.hidden) == ("", "", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("GOGC", "50"), ("WEB_CONCURRENCY", "4"), ("DEBUG", "true"), ("LOG_LEVEL", "debug"), ("CACHE_SIZE", "64MB"),
     ("TIMEOUT", "30s"), ("NODE_OPTIONS", "--max-old-space-size=512 --no-opt"), ("POOL", ""), ("KEYCLOAK_POOL", "3"),
     ("JAVA_TOOL_OPTIONS", "-Xmx512m -XX:+UseG1GC"), ("RATIO", "0.5"), ("RELEASE", "v1.2.3"), ("MONKEY_PATCH", "on")],
)  # fmt: skip
def test_a_variable_that_only_sets_something_is_shown(name, value):
    assert shown(FactKind.ENVIRONMENT, name, value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [("GREETING", SECRET), ("DATABASE", f"postgres://me:{SECRET}@db/shop"),
     ("NODE_OPTIONS", f"--require x --password={SECRET}"), ("JAVA_TOOL_OPTIONS", f"-Ddb.password={SECRET}"),
     ("GUNICORN_CMD_ARGS", f"--x={TOKEN_LIKE}")],
)  # fmt: skip
def test_a_variable_that_may_hold_anything_is_not_shown(name, value):
    assert shown(FactKind.ENVIRONMENT, name, value) is None


@pytest.mark.parametrize(
    "command",
    [f"serve --password {SECRET}", f"serve --db-password={SECRET}", f"serve --token '{SECRET}'",
     f"API_KEY={SECRET} serve", f"curl -H 'Authorization: Bearer {SECRET}'", f"serve --with {TOKEN_LIKE}",
     f"serve --auth user:{SECRET}", f"serve --ssl-key {SECRET}", f"curl -u me:{SECRET} x",
     f'["serve", "--password", "{SECRET}"]'],
)  # fmt: skip
@pytest.mark.parametrize("kind", [FactKind.COMMAND, FactKind.BUILD])
def test_a_command_with_a_secret_is_not_shown(kind, command):
    found = difference(kind, "command", command, f"{command} --more")
    assert (found.base, found.head, found.hidden) == ("", "", True)


def test_a_password_in_a_url_is_cut_out_of_a_command():
    found = difference(FactKind.COMMAND, "command", f"serve --db postgres://me:{SECRET}@db/shop", "serve")
    assert (found.base, found.head) == ("serve --db postgres://…@db/shop", "serve")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (f"./server -dsn root:{SECRET}@tcp(127.0.0.1:3306)/app -w 4", "./server -dsn …@tcp(127.0.0.1:3306)/app -w 4"),
        (f"./server --db=me:{SECRET}@x@db/shop -w 4", "./server --db=…@db/shop -w 4"),
        (f"./server -dsn {SECRET} -w 4", "./server -dsn … -w 4"),
        (f"./server --db-dsn='{SECRET} {SECRET}' -w 4", "./server --db-dsn=… -w 4"),
        (f"./server '--db-dsn={SECRET} {SECRET}' -w 4", "./server --db-dsn=… -w 4"),
        (f"./server --dsn '{SECRET} {SECRET} {SECRET}' -w 4", "./server --dsn … -w 4"),
        (f"./server --dsn postgres://me:{SECRET}@db/shop -w 4", "./server --dsn postgres://…@db/shop -w 4"),
        (f"./server --pw {SECRET} -w 4", "./server --pw … -w 4"),
        (f"./server -pw:{SECRET} -w 4", "./server -pw=… -w 4"),
        (f"DB_DSN={SECRET} ./server -w 4", "DB_DSN=… ./server -w 4"),
        (f"java -Ddb.url=jdbc:oracle:thin:me/{SECRET}@db:1521:x", "java -Ddb.url=…@db:1521:x"),
        (f"mysql -uroot -p{SECRET} shop", "mysql -uroot -p… shop"),
        (f"/usr/bin/mysqldump '-p{SECRET} {SECRET}' shop", "/usr/bin/mysqldump -p… shop"),
        (f"sh -c 'redis-cli -a {SECRET} ping'", "sh -c 'redis-cli -a … ping'"),
        (f"mongosh -u me -p {SECRET} shop", "mongosh -u me -p … shop"),
        (f'["./server","-dsn","{SECRET}","-w","4"]', '["./server", "-dsn", … "-w", "4"]'),
        (f'["mysql", "-p{SECRET}", "shop"]', '["mysql", -p… "shop"]'),
    ],
)
@pytest.mark.parametrize("kind", [FactKind.COMMAND, FactKind.BUILD, FactKind.SETTING])
def test_a_password_is_cut_out_of_a_command(kind, command, text):
    assert shown(kind, "command", command) == text


@pytest.mark.parametrize(
    "command",
    [
        "./server -p 8080 -a 0.0.0.0 -parallel 4 -addr :8080",
        "docker run shop:1.2@sha256:0a1b2c3d",
        "npm install @babel/core@7.24.0 express@4",
        "go install golang.org/x/tools@v0.1.0",
        "mkdir -p /srv && pip install app",
        "git clone git@github.com:shop/rules",
        "gunicorn -w 4 app:app",
        '["gunicorn","-w","4","app:app"]',
    ],
)
def test_what_is_no_password_stays_in_a_command(command):
    assert shown(FactKind.COMMAND, "command", command) == command


@pytest.mark.parametrize("text", ["-" * 4000, ":" * 4000, "a:" * 2000, "=a:" * 1300, "'" * 4000, "-dsn " * 800])
def test_a_strange_command_is_read_in_time(text):
    shown(FactKind.COMMAND, "command", text)


def test_commands_that_differ_in_their_passwords_alone_only_differ():
    found = difference(FactKind.COMMAND, "command", f"serve postgres://me:{SECRET}@db", "serve postgres://me:other@db")
    assert (found.base, found.head, found.hidden) == ("", "", True)


def test_of_long_commands_the_part_that_differs_is_shown():
    start, end = "java " + "-Dsome.option=1 " * 9, " -jar app.jar" + " --option" * 9
    found = difference(FactKind.COMMAND, "command", f"{start}-Xmx512m{end}", f"{start}-Xmx256m{end}")
    assert found.base == "… -Dsome.option=1 -Dsome.option=1 -Xmx512m -jar app.jar …"
    assert found.head == "… -Dsome.option=1 -Dsome.option=1 -Xmx256m -jar app.jar …"


def test_one_command_that_goes_on_is_shown_with_its_end():
    start = "serve " + "--option " * 20
    found = difference(FactKind.COMMAND, "command", start.strip(), f"{start}--more")
    assert (found.base, found.head) == ("… --option --option", "… --option --option --more")


def test_values_and_names_are_bounded():
    found = difference(FactKind.COMMAND, "c" * 5000, "x" * 100_000, "y" * 100_000)
    assert max(map(len, (found.name, found.base, found.head))) == 200


def test_a_side_that_does_not_know_a_place_says_nothing():
    sheet = Sheet(FactKind.ENVIRONMENT, SERVICE, {"GOGC": "50"})
    assert compare([sheet], []) == ()
    assert compare([], [sheet]) == ()
    assert compare([sheet], [Sheet(FactKind.ENVIRONMENT, "db", {"GOGC": "1"})]) == ()
