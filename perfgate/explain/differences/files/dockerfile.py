"""Dockerfiles: the images that they build on, and the instructions that say how."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from perfgate.explain.differences.facts import FactKind, Sheet, gathered

_INSTRUCTION = re.compile(r"\s*(FROM|ARG|ENV|RUN|CMD|ENTRYPOINT|COPY|ADD)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
# Those that hold files, whose lines are no instructions.
_WITH_FILES = ("RUN", "COPY", "ADD")
_HEREDOC = re.compile(r"(?<!\S)[0-9]*<<(-?)([\"']?)([^\s<\"']+)\2(?!\S)")
_PAIR = re.compile(r"([A-Za-z_]\w*)=((?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\\.|[^\s\"'\\])*)", re.DOTALL)
_OPTIONS = re.compile(r"(?:--\S+\s+)+")
_WORD = re.compile(r"[\w./+-]+;?")
# Programs whose first argument is a verb.
_WITH_VERBS = frozenset(
    ("apt", "apt-get", "apk", "bundle", "cargo", "composer", "dnf", "dotnet", "go", "gradle", "mvn", "npm", "pip")
) | frozenset(("pip3", "pnpm", "poetry", "uv", "yarn", "yum"))
_CONTROL = ("set", "cd", "sh", "bash")


@dataclass(frozen=True)
class _Instruction:
    """One instruction. word: in capitals. text: behind it, on one line."""

    word: str
    text: str


def read_dockerfile(place: str, text: str) -> list[Sheet]:
    """The images of its stages; variables, arguments and commands of all stages; how the last one starts."""
    instructions = list(_instructions(text))
    if not any(one.word == "FROM" for one in instructions):
        raise ValueError("it has no FROM")
    starts = {one.word: one.text for one in _last_stage(instructions) if one.word in ("CMD", "ENTRYPOINT")}
    return [
        Sheet(FactKind.IMAGE, place, _images(instructions)),
        Sheet(FactKind.COMMAND, place, starts),
        Sheet(FactKind.BUILD, place, gathered(pair for one in instructions for pair in _pairs(one))),
    ]


def _instructions(text: str) -> Iterator[_Instruction]:
    lines = deque(text.splitlines())
    while lines:
        whole = lines.popleft()
        if whole.lstrip().startswith("#"):
            continue
        while whole.rstrip().endswith("\\"):
            # Empty lines and comments do not end an instruction.
            while lines and (not lines[0].strip() or lines[0].lstrip().startswith("#")):
                lines.popleft()
            whole = f"{whole.rstrip()[:-1]} {lines.popleft() if lines else ''}"
        match = _INSTRUCTION.fullmatch(whole)
        if match is None:
            continue
        word, words = match[1].upper(), [match[2]]
        for tabs, _, end in _HEREDOC.findall(match[2]) if word in _WITH_FILES else ():
            words += _file(lines, end, bool(tabs))
        yield _Instruction(word, " ".join(" ".join(words).split()))


def _file(lines: deque[str], end: str, tabs: bool) -> list[str]:
    """Takes the lines of a file that stands in an instruction, its end too. tabs: whether some may stand before that.

    Where the end never comes, << was something else.
    """
    last = next((place for place, one in enumerate(lines) if (one.lstrip("\t") if tabs else one) == end), -1)
    return [lines.popleft() for _ in range(last + 1)]


def _last_stage(instructions: list[_Instruction]) -> list[_Instruction]:
    last = max(place for place, one in enumerate(instructions) if one.word == "FROM")
    return instructions[last:]


def _images(instructions: list[_Instruction]) -> dict[str, str]:
    """By stage; the last one, which is what runs, is "FROM"."""
    stages = [match for one in instructions if one.word == "FROM" and (match := _FROM.match(one.text))]
    found = {f"FROM (stage {match[2] or number})": match[1] for number, match in enumerate(stages[:-1])}
    return {"FROM": stages[-1][1], **found} if stages else found


def _pairs(instruction: _Instruction) -> Iterator[tuple[str, str]]:
    word, text = instruction.word, instruction.text
    if word == "ENV" and not _PAIR.match(text):  # the old form: ENV NAME value
        name, _, value = text.partition(" ")
        yield f"ENV {name}", value.strip()
    elif word in ("ENV", "ARG"):
        pairs = _PAIR.findall(text)
        yield from ((f"{word} {name}", value.strip("\"'")) for name, value in pairs)
    elif word == "RUN":
        yield f"RUN {_program(text)}", text


def _program(text: str) -> str:
    """What a RUN calls: "pip install", "make". Words that may be anything are left to the values."""
    words = [word.rstrip(";") for word in _OPTIONS.sub("", text, count=1).split() if _WORD.fullmatch(word)]
    while len(words) > 2 and words[0] in _CONTROL:
        words = words[2:]
    return " ".join(words[:2] if words and words[0] in _WITH_VERBS else words[:1])
