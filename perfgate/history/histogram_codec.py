"""A histogram as a small blob: buckets of 1 % precision, their counts exact, the same bytes on every machine.

A value v (nanoseconds; 0 counts as 1) goes to bucket ceil(log(v) / log(g)) with g = 1.01 / 0.99; the middle of a bucket
is then off by at most 1 % (DDSketch: Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile sketch", VLDB
2019). The counts from the first bucket to the last are written as differences to the count before. Neighbours are
alike, so the differences are small, and each takes few bits: an exponential Golomb code (ITU-T H.264, section 9.1) of
an order that follows the differences seen so far, as the Rice parameter does in lossless audio codecs.

Measured with 20,000 values of a log-normal latency with slow ones among them (141 buckets): 105 bytes. zlib at its best
makes 204 of the same counts, and other bytes from one version of zlib to the next.
"""

from __future__ import annotations

import math

from perfgate.metrics.histogram import Histogram, bucket_of, middle_of

PRECISION = 0.01
_LOG_GROWTH = math.log((1 + PRECISION) / (1 - PRECISION))
_HEADER_ORDER = 8  # of the codes of the first bucket and of the number of buckets: some hundreds
_LAST_BUCKET = 2200  # 400 years of nanoseconds


def pack(histogram: Histogram) -> bytes | None:
    """The blob of a histogram; None of an empty one."""
    if not histogram.count:
        return None
    counts: dict[int, int] = {}
    for bucket, count in histogram.buckets.items():
        coarse = math.ceil(math.log(max(middle_of(bucket), 1)) / _LOG_GROWTH)
        counts[coarse] = counts.get(coarse, 0) + count
    first, last = min(counts), max(counts)
    codes = [_code(first, _HEADER_ORDER), _code(last - first, _HEADER_ORDER)]
    order, before = _Order(), 0
    for bucket in range(first, last + 1):
        count = counts.get(bucket, 0)
        folded = _fold(count - before)
        codes.append(_code(folded, order.value))
        order.follow(folded)
        before = count
    bits = "".join(codes)
    length = -(-len(bits) // 8)
    return int(bits.ljust(8 * length, "0"), 2).to_bytes(length, "big")


def unpack(blob: bytes) -> Histogram:
    """The histogram that `pack` wrote: counts exact, values and mean to 1 %. ValueError for anything else."""
    bits = _Bits(blob)
    first = bits.read(_HEADER_ORDER)
    last = first + bits.read(_HEADER_ORDER)
    if last > _LAST_BUCKET:
        raise ValueError("not a packed histogram: its values are too large")
    order, count = _Order(), 0
    histogram = Histogram()
    for bucket in range(first, last + 1):
        folded = bits.read(order.value)
        order.follow(folded)
        count += _unfold(folded)
        if count < 0:
            raise ValueError("not a packed histogram: it has a negative count")
        if count:
            histogram.merge(_repeated(_middle_of(bucket), count))
    return histogram


def _middle_of(bucket: int) -> int:
    """The value that is off every value in the bucket by at most 1 %."""
    return round(math.exp(bucket * _LOG_GROWTH) * (1 - PRECISION))


def _repeated(value: int, count: int) -> Histogram:
    """One value, counted `count` times."""
    repeated = Histogram()
    repeated.buckets[bucket_of(value)] = repeated.count = count
    repeated.total = value * count
    repeated.minimum = repeated.maximum = value
    return repeated


def _fold(difference: int) -> int:
    """0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ..."""
    return 2 * difference if difference >= 0 else -2 * difference - 1


def _unfold(folded: int) -> int:
    return folded // 2 if folded % 2 == 0 else -(folded + 1) // 2


def _code(number: int, order: int) -> str:
    """The exponential Golomb code of a number >= 0: a zero for each digit beyond the order's, then the digits."""
    digits = f"{number + (1 << order):b}"
    return "0" * (len(digits) - order - 1) + digits


class _Order:
    """The order of the next code: the number of binary digits, less one, of a running mean of what came before."""

    def __init__(self) -> None:
        self._sum = 16  # of the last four numbers, as it were

    @property
    def value(self) -> int:
        return max(0, (self._sum // 4).bit_length() - 1)

    def follow(self, number: int) -> None:
        self._sum += number - self._sum // 4


class _Bits:
    """Reads codes from the bytes of a blob, one after the other."""

    def __init__(self, blob: bytes) -> None:
        self._bits = f"{int.from_bytes(blob, 'big'):0{8 * len(blob)}b}" if blob else ""
        self._place = 0

    def read(self, order: int) -> int:
        one = self._bits.find("1", self._place)
        end = one + (one - self._place) + order + 1
        if one < 0 or end > len(self._bits):
            raise ValueError("not a packed histogram: it ends in the middle of a number")
        number = int(self._bits[one:end], 2) - (1 << order)
        self._place = end
        return number
