"""pom.xml: the libraries of a Maven project."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from perfgate.explain.differences.facts import gathered

_PROPERTY = re.compile(r"\$\{([^}]+)\}")


def read_pom(text: str) -> Mapping[str, str]:
    """Versions by "group:artifact", of the parent too. Without one it is the parent's to say, and is left out."""
    # Entities can be made to grow without end, and no pom.xml needs any.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it declares entities")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    properties = {_tag(one): (one.text or "").strip() for table in _below(root, "properties") for one in table}
    return gathered(_pairs(root, properties))


def _pairs(root: ElementTree.Element, properties: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    found = [*_below(root, "parent"), *(one for group in _groups(root) for one in _below(group, "dependency"))]
    for element in found:
        texts = {_tag(one): (one.text or "").strip() for one in element}
        if texts.get("version") and texts.get("scope") != "test":
            version = _PROPERTY.sub(lambda match: properties.get(match[1], match[0]), texts["version"])
            yield f"{texts.get('groupId', '')}:{texts.get('artifactId', '')}", version


def _groups(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    yield from _below(root, "dependencies")
    for managed in _below(root, "dependencyManagement"):
        yield from _below(managed, "dependencies")


def _below(element: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return [one for one in element if _tag(one) == tag]


def _tag(element: ElementTree.Element) -> str:
    """Without its namespace."""
    return str(element.tag).rpartition("}")[2]
