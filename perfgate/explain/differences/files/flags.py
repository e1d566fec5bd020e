"""Flags of compilers in a text that calls them: by family, so that -O2 and -O0 are two values of one thing."""

from __future__ import annotations

import re

from perfgate.explain.differences.facts import gathered

_FLAG = re.compile(
    r"""(?<![\w./-])(?:
        (?P<level>-O(?:[0-3sgz]|fast)?) | (?P<debug>-g[0-3]?) | (?P<standard>-std=[\w+]+)
        | (?P<machine>-m(?:arch|cpu|tune|fpu)=[\w.+-]+ | -m(?:no-)?(?:sse|avx|fma|bmi)[\w.]*)
        | -f(?:no-)?(?P<feature>[a-z][\w-]*)(?:=[\w,.-]+)?
        | -D(?P<macro>[A-Za-z_]\w*)(?:=[\w.+-]+)?
        | --?(?P<go>gcflags|ldflags|tags|asmflags)(?:=|\s+)(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'|[^\s"']+)
        | -(?P<switch>flto|race|trimpath|static)
        | -C\s?(?P<rust>[a-z-]+)=[\w.+-]+ | --(?P<cargo>release|profile)(?:[=\s][\w-]+)?
        | -[XD]?(?P<java>X(?:mx|ms|ss|mn)\w+ | X?X:[+-]?\w+(?:=\w+)?)
    )(?![\w])""",
    re.VERBOSE,
)
_NAMES = {"level": "-O", "debug": "-g", "standard": "-std", "java": "-X", "switch": "-"}


def flags_in(text: str) -> dict[str, str]:
    """All flags of a text by their family."""
    return gathered((_family(match), " ".join(match[0].split())) for match in _FLAG.finditer(text))


def _family(match: re.Match[str]) -> str:
    kind = str(match.lastgroup)
    flag = match[0]
    if kind == "machine":
        return flag.partition("=")[0].replace("-mno-", "-m")
    if kind in ("feature", "macro"):
        return f"-{flag[1]}{match[kind]}"
    if kind == "rust":
        return f"-C {match[kind]}"
    if kind in ("go", "cargo"):
        return f"-{match[kind]}" if kind == "go" else "--release"
    return _NAMES[kind] + (match[kind] if kind == "switch" else "")
