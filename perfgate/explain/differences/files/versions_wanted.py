"""Files that say which version of a language a project wants: .python-version, .nvmrc, go.mod and their like."""

from __future__ import annotations

import re
from collections.abc import Mapping

LANGUAGES = {
    ".python-version": "python",
    "runtime.txt": "python",
    ".nvmrc": "node",
    ".node-version": "node",
    ".ruby-version": "ruby",
    ".java-version": "java",
    ".go-version": "go",
}
"""The language by the name of the file."""

_GO = re.compile(r"^(go|toolchain)\s+(?:go)?(\S+)", re.MULTILINE)
_CHANNEL = re.compile(r"^\s*channel\s*=\s*[\"']([^\"'\n]{1,100})[\"']", re.MULTILINE)
_RUBY = re.compile(r"^RUBY VERSION\s+ruby (\S+)", re.MULTILINE)


def read_one(language: str, text: str) -> Mapping[str, str]:
    """A file that holds a version and nothing else, perhaps behind the name: python-3.12.4."""
    words = [line.split()[0] for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not words:
        return {}
    return {language: words[0].removeprefix(f"{language}-").removeprefix("v")}


def read_tool_versions(text: str) -> Mapping[str, str]:
    """.tool-versions of asdf and mise: a tool and its version on each line."""
    lines = [line.partition("#")[0].split() for line in text.splitlines()]
    return {words[0]: words[1] for words in lines if len(words) > 1}


def read_go_version(text: str) -> Mapping[str, str]:
    """The language of a go.mod; its toolchain where it names one."""
    found: dict[str, str] = dict(_GO.findall(text))
    return {"go": found.get("toolchain", found["go"])} if "go" in found else {}


def read_rust_channel(text: str) -> Mapping[str, str]:
    """rust-toolchain.toml, and rust-toolchain, which is TOML likewise, or the channel and nothing else."""
    if "[" not in text and "=" not in text:
        return read_one("rust", text)
    match = _CHANNEL.search(text)
    return {"rust": match[1]} if match else {}


def read_ruby_version(text: str) -> Mapping[str, str]:
    """The language of a Gemfile.lock."""
    match = _RUBY.search(text)
    return {"ruby": match[1]} if match else {}
