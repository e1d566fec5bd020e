"""Values as the JSON that requests sends: the bytes of `json.dumps(value, allow_nan=False)`, at half of its price.

json.dumps makes an encoder of C for each call, which for a small value takes longer than encoding it. Here is one for
all. (orjson would write other bytes: it puts no space behind a comma or a colon.)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from json import encoder
from typing import Any

_STANDARD = json.JSONEncoder(allow_nan=False)
_TRIAL = {"id": 1, "names": ["ä", 'quoted "x"'], "price": 1.5, "none": None, "held": True}


def _encoder_of_c() -> Callable[[Any, int], Iterable[str]] | None:
    """The encoder that JSONEncoder.iterencode makes for itself; None where this Python has none, or another."""
    arguments = (None, _STANDARD.default, encoder.encode_basestring_ascii, None, ": ", ", ", False, False, False)
    try:
        made: Any = encoder.c_make_encoder(*arguments)  # type: ignore[attr-defined]
        same = "".join(made(_TRIAL, 0)) == _STANDARD.encode(_TRIAL)
    except Exception:  # an implementation of Python that keeps another one there
        return None
    return made if same else None


_ENCODE = _encoder_of_c()


def encode_json(value: Any) -> bytes:
    """A value as JSON. TypeError or ValueError where it is none, as of json.dumps."""
    if _ENCODE is not None:
        try:
            return "".join(_ENCODE(value, 0)).encode()
        except Exception:  # the standard one says what is wrong, and what a value refers to itself by
            pass
    return _STANDARD.encode(value).encode()
