"""Names of Go functions, and whose they are."""

from __future__ import annotations

import re
from pathlib import PurePath

_MODULES = "/pkg/mod/"
# In the path of a module that is not the service's.
_VERSION = re.compile(r"@v\d")
# What the compiler makes of a function's own: closures, and calls and loops that it wraps into one.
_NUMBERED = re.compile(r"([.-])(func|gowrap|deferwrap|range)\d+(?:\.\d+)*(?!\w)")


def go_file(name: str, file: str, module: str) -> str:
    """The file of a Go function as one knows it: of the service from its folder on, of Go itself from $GOROOT on.

    module: the path of the service's module, which stands before its files where they were built with -trimpath.
    """
    package = _package(name)
    if package == "main" or (module and (package == module or package.startswith(f"{module}/"))):
        return file.removeprefix(f"{module}/") if module else file
    if "." not in package.partition("/")[0]:
        return f"$GOROOT/src/{package}/{PurePath(file).name}"
    is_known = file.startswith("/") and (_MODULES in file or not _VERSION.search(file))
    return file if is_known else f"{_MODULES}{file.lstrip('/')}"  # GOMODCACHE may be any folder


def unnumbered(name: str) -> str:
    """A function's full name without the numbers that closures have by their order: "main.routes.func" of .func2.

    With another closure above it, one has another number on head than on base.
    """
    inside = len(_package(name)) + 1
    return name[:inside] + _NUMBERED.sub(r"\1\2", name[inside:])


def _package(name: str) -> str:
    """The import path in a function's full name: what stands before the first dot behind the last slash."""
    path, slash, last = name.partition("[")[0].rpartition("/")
    return f"{path}{slash}{last.partition('.')[0]}"
