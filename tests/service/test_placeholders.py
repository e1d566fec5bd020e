"""Placeholders: filled in where their values are known, with other programs' braces left alone."""

import subprocess

from perfgate.service.placeholders import escape, fill, fill_variables, fill_words, side_name

_VALUES = {"side": "head", "port": "8080", "db.url": "postgresql://u:p@h:1/db?a=1&b=2"}


def test_what_is_known_is_filled_in():
    assert fill("shop_{side} at {port}/{port}", _VALUES) == "shop_head at 8080/8080"


def test_braces_of_other_programs_stay():
    for text in (
        '{"a": {"b": 1}}',
        "{{.State}} {{port}}",
        "${port} ${HOME}",
        "{ port }",
        "a{2}",
        "{Port}",
        "{db.prot}",
    ):
        assert fill(text, _VALUES) == text


def test_a_placeholder_beside_other_braces_is_one():
    assert fill('{"port":{port}}', _VALUES) == '{"port":8080}'


def test_a_backslash_hands_braces_on():
    assert fill(r"\{port} {port}", _VALUES) == "{port} 8080"


def test_an_escaped_text_is_handed_on_as_it_stands():
    for text in (
        "{time} {level}",
        r"{port} \{port} \\{port}",
        "{{port} {{port}} ${port}",
        '{"port":{port}} {db.url}',
        "no braces",
    ):
        assert fill(escape(text), _VALUES) == text


def test_in_a_shell_a_value_stays_one_word():
    for written in ("printf %s {db.url} && true", "printf %s '{db.url}' && true", 'printf %s "{db.url}" && true'):
        words = fill_words(("sh", "-c", written), _VALUES)
        assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == _VALUES["db.url"]


def test_words_without_a_shell_are_not_quoted():
    assert fill_words(("psql", "{db.url}"), _VALUES) == ["psql", _VALUES["db.url"]]


def test_variables_that_need_what_is_not_known_are_left_out():
    env = {"A": "{side}", "B": "{cache.port}", "C": "1"}
    assert fill_variables(env, _VALUES) == {"A": "head", "C": "1"}


def test_a_run_of_one_target_has_a_side_too():
    assert [side_name(side) for side in ("base", "head", "")] == ["base", "head", "run"]
