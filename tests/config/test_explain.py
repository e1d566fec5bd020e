"""`[explain]` of perfgate.toml."""

import pytest

from perfgate.config.reading import load_config
from perfgate.errors import ProblemsError
from perfgate.explain.settings import ExplainSettings


def settings(folder, text):
    (folder / "perfgate.toml").write_text(text)
    return load_config(None, folder).explain


def test_without_the_table_a_profiler_is_chosen(tmp_path):
    assert settings(tmp_path, "") == ExplainSettings(command=(), seconds=18.0)


def test_a_command_and_how_long_it_may_take(tmp_path):
    found = settings(tmp_path, '[explain]\ncommand = "sh profile.sh {pid} {seconds}"\nseconds = "12s"\n')
    assert found == ExplainSettings(command=("sh", "profile.sh", "{pid}", "{seconds}"), seconds=12.0)


@pytest.mark.parametrize("page", ["/debug/pprof/profile", "http://localhost:6060/debug/pprof/profile"])
def test_a_page_of_pprof_is_one_of_the_service_or_a_url(tmp_path, page):
    assert settings(tmp_path, f'[explain]\npprof = "{page}"\n').pprof == page


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('pprof = "profile"', "[explain] pprof"),
        ("pprof = 1", "[explain] pprof"),
        ('seconds = "30s"', "[explain] seconds"),
        ('seconds = "1s"', "[explain] seconds"),
        ('command = "sh {port}"', "[explain] command"),
        ('program = "perf"', "program"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, table, problem):
    with pytest.raises(ProblemsError) as refused:
        settings(tmp_path, f"[explain]\n{table}\n")
    assert problem in str(refused.value)
