"""@scenario: the decorator that makes a function in a scenario file a scenario.

`import perfgate` brings this name, and so does `perfgate --help`: what stands behind it is imported when it decorates.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from perfgate.scenario.options import ScenarioOptions
    from perfgate.scenario.scenario import Scenario
    from perfgate.scenario.user_function import UserFunction


@overload
def scenario(function: UserFunction, /) -> Scenario: ...


@overload
def scenario(**options: Unpack[ScenarioOptions]) -> Callable[[UserFunction], Scenario]: ...


def scenario(function: object = None, /, **options: Any) -> Any:
    """Make `function(user)` a scenario: bare for 1 VU over 20 s, or with options, which are k6's in snake_case.

    executor is inferred where it is absent: stages -> ramping-vus, rate -> constant-arrival-rate, iterations ->
    shared-iterations, otherwise constant-vus. What each executor takes, and the defaults: `perfgate.scenario.profile`.
    A stage is {"duration": "10s", "target": 20} or ("10s", 20).

    thresholds   {"http_req_duration": "p(95)<500ms"}; also lists of them, and of
                 {"threshold": "rate<1%", "abort_on_fail": True, "delay_abort_eval": "10s"}
    name         of the scenario; the function's where it is absent
    connections  "keep-alive" (default) | "per-iteration" | "per-request"
    transport    "wire" (default), or "requests" for a scenario that needs something only requests can do
    http_version "1.1" (default), or "2", which takes the library hpack: pip install 'perfgate[http2]'
    timeout      for each request, "60s" where it is absent
    rows         a CSV or JSON file beside this one, whose rows are handed out to the VUs

    Mistakes are kept in `Scenario.problems`, so that the mistakes of all files can be shown at once. MistakeError where
    it decorates something that is no function.
    """
    from perfgate.scenario.declaration import declare, site_of, unnamed

    site = site_of(sys._getframe(1))
    if callable(function):
        return declare(function, options, [], site)
    mistakes = [] if function is None else [unnamed(function)]
    return lambda decorated: declare(decorated, options, mistakes, site)
