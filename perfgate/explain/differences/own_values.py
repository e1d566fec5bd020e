"""What perfgate itself gave to one side and not to the other: ports, folders, commits. It is no difference."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from perfgate.explain.own_trees import OWN_TREE

# Shorter ones, such as "base" and "head", stand in many a text by chance.
_LEAST = 4
_SIDE = "side"
_TREE = re.compile(rf"[^\s:=,;'\"]*{OWN_TREE}(?:/[^\s/:=,;'\"]+)?")
# Set by perfgate, by shells and by Docker; and what names a build, not what it does.
_ASIDE = re.compile(
    r"PERFGATE_\w+|PORT|PWD|OLDPWD|SHLVL|_|HOSTNAME|HOME|COMPOSE_\w+|INVOCATION_ID|JOURNAL_STREAM|GPG_KEYS?|"
    r"\w*_(?:SHA|SHA1|SHA256|SHA512|MD5|DOWNLOAD_URL|CHECKSUM)|\w*COMMIT\w*|\w*REVISION\w*|"
    r"(?:BUILD|IMAGE)_(?:DATE|TIME|ID|NUMBER|TAG|VERSION)|(?:APP_|GIT_)?VERSION"
)


@dataclass(frozen=True)
class OwnValues:
    """What one side was given.

    values: by the name of the placeholder that stands for it in perfgate.toml, like {"port": "41873"}.
    variables: environment variables whose texts hold placeholders.
    """

    values: Mapping[str, str]
    variables: Collection[str]

    def neutral(self, text: str) -> str:
        """The text with names in the place of those values, so that the two sides can be compared."""
        text = _TREE.sub(".", text)
        longest_first = sorted(self.values.items(), key=lambda item: len(item[1]), reverse=True)
        for name, value in longest_first:
            if len(value) >= _LEAST and name != _SIDE:
                text = re.sub(rf"(?<![\w.]){re.escape(value)}(?![\w.])", f"{{{name}}}", text)
        return text

    def compared(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The environment variables that are compared, neutral."""
        return {
            name: self.neutral(value)
            for name, value in variables.items()
            if name not in self.variables and not _ASIDE.fullmatch(name)
        }
