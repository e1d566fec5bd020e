"""Whom the sessions of Locust's users trust, where perfgate.toml says it."""

from __future__ import annotations

import os
from typing import Any

from locust.clients import HttpSession

# In these requests looks first, whatever a session says.
_FIRST = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def trust(verify: bool | str) -> None:
    """Make new sessions of HttpUsers begin with this `verify`. FastHttpUsers verify nothing, unless they say so.

    verify: as a requests.Session has it. A user may say otherwise, `self.client.verify = ...`.
    """
    for name in _FIRST:
        os.environ.pop(name, None)
    begin = HttpSession.__init__

    def trusting(session: HttpSession, *arguments: Any, **options: Any) -> None:
        begin(session, *arguments, **options)
        session.verify = verify

    HttpSession.__init__ = trusting
