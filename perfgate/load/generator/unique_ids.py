"""Numbers that no other VU, process, round, target or machine has."""

from __future__ import annotations

import copy
from itertools import count

_WORKER_BITS = 10
_COUNTER_BITS = 26
_NONCE_BITS = 53 - _WORKER_BITS - _COUNTER_BITS - 1  # below 2**52: exact in every JSON reader
WORKERS = 1 << _WORKER_BITS
NONCES = 1 << _NONCE_BITS


class UniqueIds:
    """Positive whole numbers below 2**52: a nonce of the run, the worker's number, a counter.

    Both sides of a duet are driven by the same workers, so their ids differ too. Runs that meet in one service have
    different nonces with a chance of 65,535 in 65,536.
    """

    def __init__(self, nonce: int, worker: int, workers: int) -> None:
        self._base = ((nonce % NONCES) << (_WORKER_BITS + _COUNTER_BITS)) + (worker << _COUNTER_BITS)
        self._worker = worker
        self._workers = workers
        self._counter = count(1)
        self._ranges: dict[tuple[int, int], int] = {}

    def of_side(self) -> UniqueIds:
        """Ids for one side: from the same counter, so that no other side gets them, but each range from its beginning.

        Sides that share a range would each ask for other numbers of it, in turns always for the same ones.
        """
        other = copy.copy(self)
        other._ranges = {}
        return other

    def next(self) -> int:
        """The next number."""
        return self._base + next(self._counter)

    def next_between(self, low: int, high: int) -> int:
        """The next number of a range, both ends included: all of them once before any comes again."""
        taken = self._ranges.get((low, high), 0)
        self._ranges[low, high] = taken + 1
        return low + (self._worker + taken * self._workers) % (high - low + 1)
