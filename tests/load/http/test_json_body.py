"""JSON as requests would send it, byte by byte."""

import enum
import json
import math
from collections import OrderedDict, UserDict

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from perfgate.load.http import json_body
from perfgate.load.http.json_body import encode_json


class Colour(enum.IntEnum):
    RED = 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(),
            inner,
        )
    ),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_those_of_requests(value):
    assert encode_json(value) == requests.Request("POST", "http://x", json=[value]).prepare().body[1:-1]


@pytest.mark.parametrize("value", [(1, 2), OrderedDict(b=1, a=2), Colour.RED, {Colour.RED: "x"}, "", 10**400, -0.0])
def test_so_they_are_of_what_is_like_json(value):
    assert encode_json(value) == json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize("value", [math.nan, [math.inf], {1: {2, 3}}, {(1,): 2}, object(), UserDict()])
def test_what_is_no_json_is_refused_as_by_the_standard_library(value):
    with pytest.raises((TypeError, ValueError)) as ours:
        encode_json(value)
    with pytest.raises(type(ours.value)) as theirs:
        json.dumps(value, allow_nan=False)
    assert str(ours.value) == str(theirs.value)


def test_a_value_that_holds_itself_is_told_as_such():
    value = []
    value.append(value)
    with pytest.raises(ValueError, match="Circular reference"):
        encode_json(value)


def test_a_python_without_that_encoder_has_the_standard_one(monkeypatch):
    monkeypatch.setattr("json.encoder.c_make_encoder", None)
    assert json_body._encoder_of_c() is None
    monkeypatch.setattr(json_body, "_ENCODE", None)
    assert encode_json({"a": [1, "ä"]}) == b'{"a": [1, "\\u00e4"]}'
