"""The sections of a comment: whose each is, which of two is the newer one, and the body that they make together.

A section ends with its marker, a hidden line: `<!-- perfgate:KEY COMMIT run ID.ATTEMPT -->`. The key names whose it is;
the run orders what several runs say of the same. Merging sections is a join: in whatever order, and however often the
same ones are merged, the outcome is one and the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from pathlib import Path
from urllib.parse import quote, unquote

from perfgate.github.event import UNKNOWN_RUN, RunNumber

LIMIT = 65_536
"""The most characters that GitHub takes for a comment."""

NO_RESULT = "no result"
"""The name of a section that says that a run left no result; it goes where a newer run of its configuration reports."""

_MARKER = re.compile(
    r"^<!-- perfgate:(\S{1,2000})(?: (?!run )(\S{1,200}))?(?: run (\d{1,18})\.(\d{1,9}))? -->$", re.MULTILINE
)
_UNFIT = re.compile(r"[^A-Za-z0-9._/]+")
_UNSHOWN = re.compile(r"[^\w ./,:;+=()\[\]#~-]+")
_OPENING = "<!-- perfgate:"
_FOLD = re.compile(r"\n*<details>.*?</details>", re.DOTALL)
_ELSEWHERE = "The rest is in the summary of its job: this comment is full."


@dataclass(frozen=True)
class PostedSection:
    """A section as it stands in a comment.

    key, commit: as its marker has them; commit is "" where it is not known.
    run: that it reports of.
    text: the report.
    """

    key: str
    commit: str
    run: RunNumber
    text: str

    @property
    def name(self) -> str:
        """Of the job, or another that sets it apart from those of the same configuration; "" where there are none."""
        return unquote(self.key.partition("@")[2])

    @property
    def configuration(self) -> str:
        """That part of the key."""
        return self.key.partition("@")[0]

    @property
    def version(self) -> tuple[str, str, RunNumber]:
        """All of it but the text, which may be shortened."""
        return self.key, self.commit, self.run

    @property
    def marker(self) -> str:
        """The hidden line that ends it."""
        run = f"run {self.run.id}.{self.run.attempt}" if self.run != UNKNOWN_RUN else ""
        return f"{_OPENING}{' '.join(filter(None, (self.key, self.commit, run)))} -->"

    @property
    def heading(self) -> str:
        """Where there are several: whose it is."""
        configuration, _, name = self.key.partition("@")
        return " · ".join(f"`{_UNSHOWN.sub('-', unquote(part))}`" for part in (configuration, name) if part)

    @property
    def shown(self) -> str:
        """The section in a comment that has others, too."""
        return "\n\n".join(filter(None, (self.heading, self.text, self.marker)))

    def shorter(self) -> tuple[PostedSection, ...]:
        """The same with less and less text: without what is folded, with its first lines alone, without any."""
        unfolded = _FOLD.sub("", self.text)
        first = unfolded.partition("\n\n")[0]
        brief = unfolded if first == unfolded else f"{first}\n\n{_ELSEWHERE}"
        return tuple(replace(self, text=text) for text in (unfolded, brief, ""))


@dataclass(frozen=True)
class Section:
    """The part of the comment that one configuration has, or one job of a matrix with it.

    configuration: the file, from the top of the repository.
    name: of the job, or another that sets it apart from those of the same configuration; "" where there are none.
    commit: the newest commit of the pull request that it is about; "" where it is not known.
    run: of the workflow that measured.
    """

    configuration: Path
    name: str
    commit: str
    run: RunNumber

    @property
    def key(self) -> str:
        """The name of the section, of characters that an HTML comment can hold; different for different ones."""
        parts = (self.configuration.as_posix(), self.name)
        return "@".join(quote(part).replace("--", "-%2D") for part in parts if part)

    @property
    def marker(self) -> str:
        """The hidden line that ends the section."""
        return self.part("").marker

    def part(self, text: str) -> PostedSection:
        """The section with its text, as it stands in the comment."""
        return PostedSection(self.key, _UNFIT.sub("-", self.commit).strip("-"), self.run, text)


def is_marked(body: str) -> bool:
    """Whether it ends with a marker: anywhere else it could be quoted, such as from the log of a service."""
    return _MARKER.fullmatch(body.rstrip().rpartition("\n")[2]) is not None


def parts_of(body: str) -> list[PostedSection]:
    """The sections of a comment."""
    found, began = [], 0
    body = body.replace("\r\n", "\n")
    for marker in _MARKER.finditer(body):
        run = RunNumber(int(marker[3]), int(marker[4])) if marker[3] else UNKNOWN_RUN
        part = PostedSection(marker[1], marker[2] or "", run, body[began : marker.start()].strip())
        found.append(replace(part, text=part.text.removeprefix(part.heading).strip()))
        began = marker.end()
    return found


def newest(parts: Iterable[PostedSection]) -> dict[str, PostedSection]:
    """Of each key the section of its newest run, as far as it is about the commit that the newest run of all is about.

    Of two of the same run it is the one that is given first. That a run left no result is told until a newer run of the
    same configuration has reported, under whatever key.
    """
    found: dict[str, PostedSection] = {}
    for part in parts:
        if part.key not in found or part.run > found[part.key].run:
            found[part.key] = part
    if not found:
        return {}
    reported = list(found.values())
    found = {key: part for key, part in found.items() if part.name != NO_RESULT or not _is_over(part, reported)}
    latest = max(found.values(), key=lambda part: part.run)
    return {key: part for key, part in found.items() if not latest.commit or part.commit == latest.commit}


def _is_over(note: PostedSection, reported: Iterable[PostedSection]) -> bool:
    return any(part.configuration == note.configuration and part.run > note.run for part in reported)


@dataclass(frozen=True)
class CommentBody:
    """The text of a comment, and the sections that it has: a very long one lacks some."""

    text: str
    parts: tuple[PostedSection, ...]


def body_of(
    parts: Iterable[PostedSection], own: PostedSection | None, write: Callable[[int], str], limit: int
) -> CommentBody:
    """All sections in the order of their keys.

    own: the one whose text is written here, with at least its fair share of the room; the others give way, folded parts
        first. None where all texts are there already.
    """
    others = [part for part in parts if own is None or part.key != own.key]
    if own is None:
        kept = _shortened(others, limit)
        return _joined(kept)
    kept = _shortened(others, limit - limit // (len(others) + 1))
    room = limit - sum(len(part.shown) + 2 for part in kept)
    frame = len(replace(own, text="").shown if kept else own.marker) + 2
    # A line of a report that reads like a marker would part its section in two.
    return _joined([*kept, replace(own, text=write(room - frame).replace(_OPENING, "<!- perfgate:"))])


def _joined(parts: Sequence[PostedSection]) -> CommentBody:
    ordered = tuple(sorted(parts, key=lambda part: part.key))
    if len(ordered) == 1:
        return CommentBody(f"{ordered[0].text}\n\n{ordered[0].marker}", ordered)
    return CommentBody("\n\n".join(part.shown for part in ordered), ordered)


def _shortened(parts: Sequence[PostedSection], room: int) -> list[PostedSection]:
    """The sections, the longest shortened first until they fit; where nothing helps, as many as fit."""
    kept = [(part, *part.shorter()) for part in parts]
    sizes = [[len(one.shown) + 2 for one in stages] for stages in kept]
    stage = [0] * len(kept)
    total = sum(size[0] for size in sizes)
    longest = [(-size[0], place) for place, size in enumerate(sizes)]
    heapify(longest)
    while total > room and longest:
        place = heappop(longest)[1]
        before, stage[place] = sizes[place][stage[place]], stage[place] + 1
        after = sizes[place][stage[place]]
        total += after - before
        if stage[place] < len(kept[place]) - 1:
            heappush(longest, (-after, place))
    while total > room and kept:
        total -= sizes[len(kept) - 1][stage[len(kept) - 1]]
        kept.pop()
    return [stages[number] for stages, number in zip(kept, stage, strict=False)]
