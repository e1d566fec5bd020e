"""The plainest value of a type, within the bounds of its schema."""

import pytest

from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.plain_values import NoExampleError
from perfgate.scaffold.openapi.references import References


def made(schema):
    return Examples(References({})).made(schema)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 1.0}, 1),
        ({"type": "integer", "default": 5.0}, 5),
        ({"type": ["integer", "null"], "example": 2.0}, 2),
        ({"type": "integer", "enum": [3.0, 4.0]}, 3),
        ({"type": "array", "items": {"type": "integer"}, "example": [1.0, 2.5]}, [1, 2.5]),
        ({"properties": {"a": {"type": "integer"}}, "example": {"a": 1.0, "b": 1.0}}, {"a": 1, "b": 1.0}),
        ({"type": "integer", "exclusiveMinimum": 0}, 1),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 2),
        ({"type": "integer", "maximum": 0}, 0),
        ({"type": "integer", "exclusiveMaximum": 1}, 0),
        ({"type": "integer", "minimum": 3, "multipleOf": 5}, 5),
        ({"type": "integer", "minimum": -90, "maximum": 90}, 1),
        ({"type": "number", "maximum": 0.5}, 0.5),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5}, 0.375),
        ({"type": "number", "minimum": 1.5}, 1.5),
        ({"type": "string", "minLength": 6}, "textte"),
        ({"type": "string", "maxLength": 2}, "te"),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, "ABC"),
        ({"type": "string", "pattern": r"^\d+$"}, "1"),
        ({"type": "string", "pattern": "("}, "text"),
        ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [True, True]),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
    ],
)
def test_a_value_keeps_to_its_type_and_its_bounds(schema, value):
    found = made(schema)
    assert (found, repr(found)) == (value, repr(value))


def test_a_pattern_that_refuses_long_texts_slowly_is_not_tried_on_them():
    assert made({"type": "string", "minLength": 30, "pattern": r"^(\w+)*!$"}) == "text" * 7 + "te"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "integer", "minimum": 1, "maximum": 2, "multipleOf": 5},
        {"type": "string", "pattern": "^[a-f0-9]{7}-x$"},
        {"type": "string", "minLength": 5, "maxLength": 4},
    ],
)
def test_where_nothing_plain_fits_there_is_no_example(schema):
    with pytest.raises(NoExampleError):
        made(schema)
