"""`[[counter]]` of perfgate.toml: read into settings, every mistake at once."""

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError
from perfgate.service.settings import CounterSettings


@pytest.fixture
def counters(tmp_path):
    def read(text):
        path = tmp_path / "perfgate.toml"
        path.write_text(text)
        return load_config(path).service.counters

    return read


@pytest.fixture
def problems(counters):
    def read(text):
        with pytest.raises(ProblemsError) as caught:
            counters(text)
        return [str(problem).replace("\n    ", "; ") for problem in caught.value.problems]

    return read


def test_pages_and_commands_are_read_in_their_order(counters):
    assert counters(
        """
        [[dependencies]]
        name = "db"
        url = "postgresql://localhost:5432"

        [[counter]]
        url = "http://{db.host}:9187/metrics"
        names = ["pg_calls_total", "pg_cache_*"]
        labels = { datname = "shop_{side}" }
        headers = { Authorization = "Bearer ${TOKEN}" }

        [[counter]]
        name = "pool"
        command = "psql -At {db.url} -c 'select 1'"
        kind = "gauge"
        """
    ) == (
        CounterSettings(
            url="http://{db.host}:9187/metrics",
            names=("pg_calls_total", "pg_cache_*"),
            labels={"datname": "shop_{side}"},
            headers={"Authorization": "Bearer ${TOKEN}"},
        ),
        CounterSettings(name="pool", command=("psql", "-At", "{db.url}", "-c", "select 1"), gauge=True),
    )


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('url = "/metrics"', "lacks the names to read from the page"),
        ('name = "a"', "has neither url nor command"),
        ('url = "/m"\ncommand = "x"\nnames = ["a"]', "has url and command"),
        ('command = "x"', "lacks a name"),
        ('name = "a"\ncommand = "x"\nnames = ["a"]', "names: does nothing beside command"),
        ('url = "/m"\nname = "a"\nnames = ["a", "b"]', "name: can be only that of one counter"),
        ('url = "/m"\nname = "a"\nnames = ["a*"]', "name: can be only that of one counter"),
        ('url = "/m"\nname = "a"\nnames = ["a?"]', "name: can be only that of one counter"),
        ('url = "metrics"\nnames = ["a"]', "url: 'metrics' must be a path like '/metrics'"),
        ('url = "ftp://me:secret@host/m"\nnames = ["a"]', "url: 'ftp://host/m' must be a path like '/metrics'"),
        ('url = "/m"\nnames = ["a{b}"]', "names: 'a{b}' must be a name on a page"),
        ('url = "/m"\nnames = []', "lacks the names to read from the page"),
        ('name = "a{b}"\ncommand = "x"', "name: 'a{b}' must be a name of up to 100 characters"),
        ('name = "a"\ncommand = "x"\nkind = "rate"', "kind: 'rate' must be 'counter', which only rises, or 'gauge'"),
        ('url = "/m"\nnames = ["a"]\nlabels = { a = 1 }', "labels: {'a': 1} must be a table of names and texts"),
        ('url = "/m"\nnames = ["a"]\nheaders = { "a b" = "c" }', "headers: {'a b': 'c'} must be a table"),
        ('url = "{cache.url}/m"\nnames = ["a"]', "url: has {cache.url}, and there is no dependency cache"),
        ('name = "a"\ncommand = "echo {sha}"', "command: has {sha}, which is not known here"),
        ('urls = "/m"\nurl = "/m"\nnames = ["a"]', "urls: is unknown; did you mean 'url'?"),
    ],
)
def test_a_mistake_is_named_with_its_place(problems, written, words):
    found = problems(f"[[counter]]\n{written}\n")
    assert words in found[0]
    assert "[[counter]] 1" in found[0]


def test_names_are_unique(problems):
    twice = '[[counter]]\nname = "a"\ncommand = "x"\n' * 2
    assert "has the name a, as another one has" in problems(twice)[0]


def test_margins_and_acceptances_take_their_metrics(tmp_path):
    path = tmp_path / "perfgate.toml"
    path.write_text('[[margins]]\nmetric = "counter{name:queries}"\nallowed = "10%"\n')
    assert load_config(path).rules.margins[0].metric == "counter{name:queries}"
