"""Strategies of hypothesis that take what is right, and spoil it: bytes, and plain values as JSON has them."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

# What breaks readers of texts, wherever it stands.
TOKENS = (
    *(b"\0", b"\n", b"\r\n", b"\t", b"\xff", b"\xef\xbb\xbf", b"\xf0\x9f\x92\xa9", b"\xed\xa0\x80", b"\xe2\x80\xae"),
    *(b"-", b"0", b"-1", b"1e999", b"NaN", b"Infinity", b"99999999999999999999", b"0x10", b"1_0", b"2147483648"),
    *(b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b"<", b">", b"&", b"%", b"${", b"{}", b":", b",", b";", b"=", b"#"),
    *(
        b"null",
        b"true",
        b"[[",
        b'{"',
        b"[" * 9_000,
        b'{"a":' * 9_000,
        b"../",
        b"*a",
        b"&a",
        b"<<: *a",
        b"!!python/object:os.system",
        b"? ",
        b"- ",
    ),
    *(b"9" * 400, b"9" * 5_000, b"0x" + b"f" * 5_000, b"00", b"1e5", b".5", b"\xe2\x82\xac", b"\xc2\xb2", b"\xd9\xa3"),
    *(b"\r\n\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1 ", b"ffffffff\r\n"),
)
# What breaks readers of plain values.
HOSTILE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.0, -0.0, 1e-320, 1e308, -1e308, 0.1),
    *(float("nan"), float("inf"), float("-inf"), "", " ", "0", "-1", "nan", "1e999", "a" * 10_000, "\0", "\ud800"),
    *(
        "9" * 400,
        "9" * 5_000,
        "1e400",
        "²",
        "٣",
        "1_0",
        "0x10",
        "+1",
        "1 s",
        "1GB",
        "9" * 400 + "GB",
        "\x7f",
        "\x85",
        "/ a",
    ),
    *("é", "\u202e", "<b>", "-->", "|", "\n", "{}", "{x}", "{{", "%s", "${x}", "9999h", "-5s", "200%", "2026-13-99"),
    *([], {}, [[]], {"": {}}, [None], [1, "a"], {"a": None}, {"$ref": "#"}, {"$ref": "#/a/b"}, {"$ref": 1}),
)
_MOST_CHANGES = 6
_MOST_PLACES = 5_000
_MANY = 300
_CHANGES = ("leaf", "leaf", "leaf", "text", "text", "leave out", "rename", "move", "swap", "nest", "repeat")
_TEXTS = (*(one for one in HOSTILE if isinstance(one, str)), *"{}/:$@-.%'\"\\")
_LEAVES = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=12), st.integers(), st.floats(), st.lists(st.integers(), max_size=2)
)


@st.composite
def spoiled_bytes(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """One of the seeds with bytes changed, put in, taken out, doubled, cut off, or those of another seed."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, _MOST_CHANGES))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 40))
        change = draw(st.sampled_from(("flip", "token", "put", "cut", "take", "double", "splice")))
        if change == "flip" and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif change == "token":
            data[at : at + draw(st.sampled_from((0, length)))] = draw(st.sampled_from(TOKENS))
        elif change == "put":
            data[at:at] = draw(st.binary(max_size=8))
        elif change == "cut" and length > 20:
            del data[at:]
        elif change == "take":
            del data[at : at + length]
        elif change == "double":
            data[at:at] = data[at : at + length] * draw(st.sampled_from((1, 2, 100)))
        elif change == "splice":
            other = draw(st.sampled_from(seeds))
            start = draw(st.integers(0, len(other)))
            data[at:at] = other[start : start + 10 * length]
    return bytes(data)


@st.composite
def spoiled_values(draw: st.DrawFn, seeds: list[Any]) -> Any:
    """One of the seeds with values replaced, moved, left out, given another name, repeated, or put deeper."""
    top = [deepcopy(draw(st.sampled_from(seeds)))]
    for _ in range(draw(st.integers(0, _MOST_CHANGES))):
        places = _places(top)
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        other, other_key = places[draw(st.integers(0, len(places) - 1))]
        change = draw(st.sampled_from(_CHANGES))
        if change == "leaf" or holder is top:
            holder[key] = deepcopy(draw(_LEAVES))
        elif change == "leave out":
            del holder[key]
        elif change == "rename" and isinstance(holder, dict):
            name = draw(st.one_of(st.sampled_from(list(holder)), st.text(max_size=5)))
            holder[name] = holder.pop(key)
        elif change == "move":
            holder[key] = deepcopy(other[other_key])
        elif change == "swap":
            holder[key], other[other_key] = deepcopy(other[other_key]), deepcopy(holder[key])
        elif change == "text":
            holder[key] = _spoiled_text(draw, holder[key])
        elif change == "nest":
            holder[key] = [holder[key]] if draw(st.booleans()) else {"a": holder[key]}
        elif change == "repeat":
            _repeat(holder, key, draw(st.sampled_from((1, _MANY))))
    if draw(st.integers(0, 9)) == 9:  # at the end: what copies values cannot go that deep
        holder, key = draw(st.sampled_from(_places(top)))
        holder[key] = _deep(holder[key], in_lists=draw(st.booleans()))
    return top[0]


def _spoiled_text(draw: st.DrawFn, value: Any) -> Any:
    """A text with some letters changed, so that its own readers see nearly what they know."""
    if not isinstance(value, str):
        return str(value)
    at = draw(st.integers(0, len(value)))
    length = draw(st.sampled_from((0, 0, 1, 3)))
    put = draw(st.one_of(st.sampled_from(_TEXTS), st.text(max_size=4)))
    return value[:at] + put + value[at + length :]


def _repeat(holder: Any, key: Any, times: int) -> None:
    """More entries like one; never more than a large file has."""
    if len(_places([holder[key]])) * times > _MOST_PLACES:
        return
    for number in range(times):
        if isinstance(holder, list):
            holder.append(deepcopy(holder[key]))
        else:
            holder[f"{key}{number}"] = deepcopy(holder[key])


def _deep(value: Any, *, in_lists: bool) -> Any:
    for _ in range(_MANY):
        value = [value] if in_lists else {"a": value}
    return value


def _places(top: list[Any]) -> list[tuple[Any, Any]]:
    """Every place that holds a value, as its container and the key there."""
    found: list[tuple[Any, Any]] = []
    waiting: list[Any] = [top]
    while waiting and len(found) < _MOST_PLACES:
        holder = waiting.pop()
        for key, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
            found.append((holder, key))
            if isinstance(value, (dict, list)):
                waiting.append(value)
    return found


def as_json(value: Any) -> str:
    """The value as JSON that other programs write: with NaN, and half letters as escapes."""
    return json.dumps(value)


def as_toml(table: dict[str, Any]) -> str:
    """A table as TOML, as near as its values come to it."""
    try:
        return "".join(f"{_toml_key(key)} = {_toml(value)}\n" for key, value in table.items())
    except RecursionError:
        return "a = " + "[" * 5_000


def _toml_key(key: Any) -> str:
    return json.dumps(str(key).encode("utf-8", "replace").decode(), ensure_ascii=False)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    return str(value) if isinstance(value, int) else _toml_key(value)


def pieces_of(data: bytes, seed: int) -> list[bytes]:
    """The data in up to four pieces."""
    cuts = sorted(random.Random(seed).randrange(len(data) + 1) for _ in range(seed % 4))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
