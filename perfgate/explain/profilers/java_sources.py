"""The files of Java classes, Kotlin's and Scala's too: those that lie in the service's folder are its own."""

from __future__ import annotations

import os
from pathlib import PurePath

_SUFFIXES = (".java", ".kt", ".scala", ".groovy")
_NOT_LOOKED_AT = ("node_modules", "build", "target", "out")
_MOST_FILES = 100_000


class JavaSources:
    """The sources below a folder; false where there are none. root: the folder; "" for none."""

    def __init__(self, root: str) -> None:
        self._files: dict[str, list[PurePath]] = {}
        seen = 0
        for folder, folders, files in os.walk(root) if root else ():
            folders[:] = [one for one in folders if not one.startswith(".") and one not in _NOT_LOOKED_AT]
            for file in files:
                seen += 1
                name, suffix = os.path.splitext(file)
                if suffix in _SUFFIXES:
                    self._files.setdefault(name, []).append(PurePath(os.path.relpath(os.path.join(folder, file), root)))
            if seen > _MOST_FILES:
                break

    def __bool__(self) -> bool:
        return bool(self._files)

    def file(self, class_name: str) -> str:
        """The file of a class by its full name, "shop.Prices$Rule"; "" where it is not there."""
        package, _, simple = class_name.partition("$")[0].rpartition(".")
        folders = tuple(package.split(".")) if package else ()
        for name in dict.fromkeys((simple, simple.removesuffix("Kt"))):
            for path in self._files.get(name, ()):
                if path.parts[:-1][len(path.parts) - 1 - len(folders) :] == folders:
                    return str(path)
        return ""
