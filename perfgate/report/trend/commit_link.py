"""Addresses of commits: made from a template, which is given or follows from where the repository came from."""

from __future__ import annotations

import re

from perfgate.errors import MistakeError

# What makes neither a second attribute, nor a second link, nor a script of an address.
_TEMPLATE = re.compile(r"https?://[\w.~:/?#@!$&*+,;=%{}-]+")
_REMOTE = re.compile(
    r"""(?:(?:https?|ssh|git)://)?          # an address, or what scp takes
        (?:[^@/\s]*@)?                      # who asks, which is nobody's business
        (?P<host>[\w.-]*github[\w.-]*)      # github.com, or a server of one's own
        (?::\d+)?[:/]/?
        (?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?""",
    re.VERBOSE,
)


def checked_template(template: str) -> str:
    """The template; MistakeError where it is no web address with {sha} in it."""
    if "{sha}" not in template or not _TEMPLATE.fullmatch(template):
        hint = "write it like https://github.com/OWNER/NAME/commit/{sha}"
        raise MistakeError(f"{template!r} is no address of a commit", hint)
    return template


def template_of(remote: str) -> str:
    """The template for a repository on GitHub, by what its remote is called; "" where it is none."""
    found = _REMOTE.fullmatch(remote)
    return f"https://{found['host']}/{found['owner']}/{found['name']}/commit/{{sha}}" if found else ""
