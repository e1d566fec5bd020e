"""Did the load go to the target? A script that says its URL itself loads something else."""

from __future__ import annotations

from collections.abc import Collection

from perfgate.load.http.same_place import addresses, is_same
from perfgate.load.k6.samples import Samples


def elsewhere(samples: Samples, url: str, peers: Collection[tuple[str, int]]) -> tuple[str, ...]:
    """Where requests went that did not go to `url`, by falling number.

    A script that names a request hides its URL from k6's samples; `peers` (addresses and ports that k6 was connected
    to) tell of those, unless the target was among them.
    """
    found = [origin for origin, _ in samples.origins.most_common() if not is_same(origin, url)]
    if samples.named and not samples.origins:
        target = addresses(url)
        if target and not target & set(peers):
            found += sorted({f"{_bracketed(host)}:{port}" for host, port in peers})
    return tuple(found)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
