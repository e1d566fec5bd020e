"""Where a report is printed: also where no stream is open, or where one has no characters for it."""

import io
import sys

import pytest

from perfgate.cli import main


def prepared(monkeypatch, stdout):
    """Standard output as a command finds it."""
    monkeypatch.setattr(sys, "stdout", stdout)
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    return sys.stdout


def test_a_closed_standard_output_swallows_what_is_printed(monkeypatch):
    stream = prepared(monkeypatch, None)
    assert not stream.isatty()
    stream.write("a report")


def test_characters_that_an_encoding_lacks_are_replaced(monkeypatch):
    written = io.BytesIO()
    stream = prepared(monkeypatch, io.TextIOWrapper(written, encoding="ascii", write_through=True))
    stream.write("95 % of 3 \u00b5s")
    assert written.getvalue().endswith(b"95 % of 3 ?s")
