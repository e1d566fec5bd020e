"""Two sides' facts become differences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perfgate.explain.differences.difference import FactDifference
from perfgate.explain.differences.facts import BASE_IMAGE, FactKind, Sheet
from perfgate.explain.differences.showing import narrowed, shown
from perfgate.explain.differences.versions import distance, says_less

# More would fill a result file; nobody reads them.
_MOST = 500
_LONGEST, _LONGEST_NAME = 200, 200
_KINDS = list(FactKind)


def compare(base: Sequence[Sheet], head: Sequence[Sheet]) -> tuple[FactDifference, ...]:
    """The differences, those that explain most first. A place that only one side knows says nothing."""
    bases, heads = _by_place(base), _by_place(head)
    found = [
        difference
        for kind, place in bases
        if (kind, place) in heads
        for difference in _of_one_place(kind, place, bases[kind, place], heads[kind, place])
    ]
    return tuple(sorted(_causes_only(found), key=_order)[:_MOST])


def _causes_only(found: Sequence[FactDifference]) -> Iterable[FactDifference]:
    """Without another base image where a Dockerfile asks for another one."""
    asked = any(one.kind is FactKind.IMAGE and one.name.startswith("FROM") for one in found)
    return [one for one in found if not (asked and one.kind is FactKind.IMAGE and one.name == BASE_IMAGE)]


def _by_place(sheets: Iterable[Sheet]) -> dict[tuple[FactKind, str], dict[str, str]]:
    found: dict[tuple[FactKind, str], dict[str, str]] = {}
    for sheet in sheets:
        found.setdefault((sheet.kind, sheet.place), {}).update(sheet.values)
    return found


def _of_one_place(kind: FactKind, place: str, base: dict[str, str], head: dict[str, str]) -> Iterable[FactDifference]:
    for name in {**base, **head}:
        before, after = base.get(name), head.get(name)
        if before == after:
            continue
        if kind in (FactKind.RUNTIME, FactKind.IMAGE) and (before is None or after is None):
            continue  # everything has one, known or not
        if kind is FactKind.RUNTIME and says_less(str(before), str(after)):
            continue
        yield _difference(kind, place[:_LONGEST_NAME], name, before, after)


def _difference(kind: FactKind, place: str, name: str, before: str | None, after: str | None) -> FactDifference:
    texts = [None if value is None else shown(kind, name, value) for value in (before, after)]
    unseen = [value is not None and text is None for value, text in zip((before, after), texts, strict=True)]
    # What can be told apart only by what is left out of it.
    hidden = any(unseen) or texts[0] == texts[1]
    if hidden:
        texts = [None if value is None else "" for value in (before, after)]
    elif texts[0] is not None and texts[1] is not None:
        texts = list(narrowed(texts[0], texts[1]))
    cut = [None if text is None else text[:_LONGEST] for text in texts]
    return FactDifference(kind, place, name[:_LONGEST_NAME], cut[0], cut[1], hidden)


def _order(difference: FactDifference) -> tuple[int, int, int, str, str]:
    """By kind, and versions by how far they are apart; files near the top of the tree before deeper ones."""
    apart = distance(difference.base, difference.head) if difference.kind in (FactKind.PACKAGE, FactKind.RUNTIME) else 0
    return _KINDS.index(difference.kind), apart, difference.place.count("/"), difference.place, difference.name
