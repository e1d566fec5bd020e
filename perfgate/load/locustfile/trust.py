"""Whom the sessions of Locust's users trust, where perfgate.toml says it."""

from __future__ import annotations

from typing import Any

from locust.clients import HttpSession


def trust(verify: bool | str) -> None:
    """Make new sessions of HttpUsers begin with this `verify`. FastHttpUsers verify nothing, unless they say so.

    verify: as a requests.Session has it. A user may say otherwise, `self.client.verify = ...`.
    """
    begin, merge = HttpSession.__init__, HttpSession.merge_environment_settings

    def trusting(session: HttpSession, *arguments: Any, **options: Any) -> None:
        begin(session, *arguments, **options)
        session.verify = verify

    def merged(session: HttpSession, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        # By itself requests takes REQUESTS_CA_BUNDLE of the environment for more than what a session says.
        return merge(session, url, proxies, stream, session.verify if verify is None else verify, cert)

    HttpSession.__init__ = trusting
    HttpSession.merge_environment_settings = merged
