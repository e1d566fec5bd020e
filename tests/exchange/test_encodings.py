"""Files in other encodings than UTF-8: read where their first bytes tell, else named with how to convert them."""

import gzip

import pytest

from perfgate.errors import MistakeError
from tests.support.importing import DATED, content, kept, written

NAMES = ("locust_stats.csv", "jtl.csv", "k6.csv", "k6.json", "locust.json", "vegeta_report.json")


def numbers(runs):
    return [(result.request, result.requests, result.duration) for run in runs for result in run.results]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_windows_wrote_gives_the_same(name, encoding, tmp_path):
    data = content(name).decode().replace("\n", "\r\n").encode(encoding)
    assert numbers(kept(written(tmp_path, data))) == numbers(kept(written(tmp_path, content(name))))
    assert kept(written(tmp_path, gzip.compress(data)))


def test_characters_beyond_ascii_are_read(tmp_path):
    text = content("locust_stats.csv").decode().replace("/pet", "/查询")
    for encoding in ("utf-8", "utf-16"):
        (run,) = kept(written(tmp_path, text.encode(encoding)))
        assert "POST /查询" in {result.request for result in run.results}


@pytest.mark.parametrize("encoding", ["gbk", "shift-jis", "latin-1"])
@pytest.mark.parametrize(
    ("name", "line", "mark"), [("locust_stats.csv", 2, "/pet"), ("locust.json", 3, "/pet"), ("jtl.csv", 2, "/pet")]
)
def test_another_encoding_is_named_with_the_line_and_how_to_convert_it(name, line, mark, encoding, tmp_path):
    letter = "é" if encoding == "latin-1" else "査"
    data = content(name).decode().replace(mark, f"/{letter} x").encode(encoding)
    with pytest.raises(MistakeError, match=rf"line {line} is not text in UTF-8: byte 0x.*iconv.*PYTHONUTF8=1"):
        kept(written(tmp_path, data), overrides=DATED)
