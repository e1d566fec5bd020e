"""`[[counter]]` of perfgate.toml: what is read of a service, or of a dependency, before and after each round."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from perfgate.config.service_values import read_words, refuse_idle, refuse_unknown_placeholders
from perfgate.config.toml_reader import TomlReader, read_text
from perfgate.service.placeholders import OF_A_DEPENDENCY, PORT, SHA, SIDE, URL, names_in
from perfgate.service.settings import CounterSettings, ServiceSettings
from perfgate.service.target import shown_text

COUNTER = ("name", "url", "names", "labels", "headers", "command", "kind")
_KINDS = ("counter", "gauge")

_NAME = re.compile(r"[^\s{}](?:[^{}\x00-\x1f\x7f]{0,98}[^\s{}])?")
_ON_A_PAGE = re.compile(r"[A-Za-z0-9_:*?]+")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_PAGES = dict.fromkeys(("names", "labels", "headers"), "a command prints one number")


def read_counters(reader: TomlReader, value: Any, service: ServiceSettings) -> tuple[CounterSettings, ...]:
    """All counters, in order; every mistake is noted at the reader."""
    found: list[CounterSettings] = []
    for place, table in reader.tables("counter", value, COUNTER):
        settings = _read(reader, place, table)
        if settings.name and settings.name in [one.name for one in found]:
            reader.note(place, f"has the name {settings.name}, as another one has", "give each a name of its own")
        _refuse_placeholders(reader, place, settings, service)
        found.append(settings)
    return tuple(found)


def _read(reader: TomlReader, place: str, table: Mapping[str, Any]) -> CounterSettings:
    _refuse_combinations(reader, place, table)
    readers = {"name": _name, "url": _url, "names": _names, "command": read_words, "kind": _kind}
    values = {key: reader.take(f"{place}: {key}", table.get(key), read, None) for key, read in readers.items()}
    kind = values["kind"]
    return CounterSettings(
        name=values["name"] or "",
        url=values["url"] or "",
        names=values["names"] or (),
        labels=_texts(reader, f"{place}: labels", table.get("labels"), _LABEL),
        headers=_texts(reader, f"{place}: headers", table.get("headers"), _HEADER),
        command=values["command"] or (),
        gauge=None if kind is None else kind == "gauge",
    )


def _refuse_combinations(reader: TomlReader, place: str, table: Mapping[str, Any]) -> None:
    if "url" in table and "command" in table:
        reader.note(place, "has url and command", "keep one: it says where the counter is read")
    elif "command" in table:
        refuse_idle(reader, f"{place}:", table, "command", _OF_PAGES)
        if "name" not in table:
            reader.note(place, "lacks a name", 'add one, like name = "queries": its row is called so')
    elif "url" in table:
        names = table.get("names")
        if not names:
            reader.note(place, "lacks the names to read from the page", 'add them, like names = ["db_queries_total"]')
        elif "name" in table and not (
            isinstance(names, list) and len(names) == 1 and not set("*?") & set(str(names[0]))
        ):
            reader.note(f"{place}: name", "can be only that of one counter", "leave it out, or keep one of names")
    else:
        reader.note(place, "has neither url nor command", 'add one, like url = "/metrics"')


def _refuse_placeholders(reader: TomlReader, place: str, settings: CounterSettings, service: ServiceSettings) -> None:
    names = [one.name for one in service.dependencies]
    texts = {
        "url": (settings.url,),
        "command": settings.command,
        **{f"labels: {name}": (text,) for name, text in settings.labels.items()},
        **{f"headers: {name}": (text,) for name, text in settings.headers.items()},
    }
    if service.compose:  # the services of a commit's file are known when it is started
        named = [name.partition(".")[::2] for words in texts.values() for word in words for name in names_in(word)]
        names += [owner for owner, part in named if part in OF_A_DEPENDENCY]
    known = {SIDE, URL, *(f"{name}.{part}" for name in names for part in OF_A_DEPENDENCY)}
    known |= {SHA, PORT} if service.starts_commits else set()
    for key, words in texts.items():
        refuse_unknown_placeholders(reader, f"{place}: {key}", words, known, names)


def _name(value: Any) -> str:
    name = read_text(value)
    if not _NAME.fullmatch(name):
        raise ValueError(f"{value!r} must be a name of up to 100 characters, without braces, like 'queries'")
    return name


def _url(value: Any) -> str:
    url = read_text(value)
    scheme = urlsplit(url).scheme
    if not (url.startswith(("/", "{")) or scheme in ("http", "https", "http+unix")) or any(map(str.isspace, url)):
        raise ValueError(
            f"{shown_text(url)!r} must be a path like '/metrics', or a URL like 'http://{{db.host}}:9187/metrics'"
        )
    return url


def _names(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{value!r} must be a list of names, like ['db_queries_total', 'cache_*']")
    for name in names:
        if not _ON_A_PAGE.fullmatch(name):
            raise ValueError(f"{name!r} must be a name on a page, or a pattern with * and ?; labels say the rest")
    return tuple(names)


def _kind(value: Any) -> str:
    if value not in _KINDS:
        raise ValueError(f"{value!r} must be 'counter', which only rises, or 'gauge'")
    return str(value)


def _texts(reader: TomlReader, place: str, value: Any, name: re.Pattern[str]) -> dict[str, str]:
    if value is None:
        return {}
    good = isinstance(value, dict) and all(
        isinstance(one, str) and one.isprintable() and name.fullmatch(key) for key, one in value.items()
    )
    if not good:
        reader.note(place, f"{value!r} must be a table of names and texts", 'write it like { job = "shop" }')
        return {}
    return dict(value)
