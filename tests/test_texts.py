"""Texts in the encodings that editors and shells write."""

import pytest

from perfgate.texts import decoded


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(encoding):
    assert decoded("café==1\r\n".encode(encoding)) == "café==1\r\n"


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be"])
def test_the_order_of_the_bytes_may_be_the_other_one(encoding):
    assert decoded("\ufeffcafé".encode(encoding)) == "café"


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xfe", b"\xff\xfea", b"\xef\xbb\xbf", b"a\xff"])
def test_what_is_no_text_is_replaced(data):
    assert set(decoded(data)) <= {"a", "\ufffd"}
