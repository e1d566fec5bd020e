"""What a service writes: the end of it is kept, and not much more."""

from __future__ import annotations

import os
import time

from perfgate.service.log import Log, said_last


def test_the_last_fifty_lines_are_kept() -> None:
    log = Log()
    os.write(log.descriptor, b"".join(b"%d\n" % number for number in range(1000)))
    assert log.last_lines().splitlines() == [str(number) for number in range(950, 1000)]
    log.close()
    assert log.last_lines().splitlines()[-1] == "999"
    log.close()


def test_a_flood_does_not_fill_the_disk_nor_the_memory() -> None:
    log = Log()
    line = b"x" * 99 + b"\n"
    for _ in range(100):
        os.write(log.descriptor, line * 10_000)  # 100 MB together
    last: list[str] = []
    deadline = time.monotonic() + 60

    def settled() -> bool:
        return os.fstat(log.descriptor).st_size < 9_000_000 and len(last) == 50 and last[-1] == "the end"

    while not settled() and time.monotonic() < deadline:
        # Again and again: one that is written while the beginning is being dropped may be lost.
        os.write(log.descriptor, b"the end\n")
        time.sleep(0.05)
        last = log.last_lines().splitlines()
    assert settled()
    assert set(last) <= {line.decode().strip(), "the end"}, "whole lines"
    log.close()


def test_what_a_terminal_would_act_on_is_left_out() -> None:
    log = Log()
    os.write(log.descriptor, b"\x1b[1;31mred\x1b[0m\x07 \xff\n\x1b[2J\tnext\r\n")
    assert log.last_lines() == "red \ufffd\n\tnext"
    log.close()


def test_it_has_no_name() -> None:
    log = Log()
    assert os.fstat(log.descriptor).st_nlink == 0
    log.close()


def test_a_log_that_is_shown_has_no_password_of_a_url() -> None:
    log = Log()
    os.write(log.descriptor, b"\x1b[31mFATAL\x1b[0m cannot reach postgres://app:s3cret@db:5432/shop\n")
    said = log.last_lines()
    log.close()
    assert said == "FATAL cannot reach postgres://…@db:5432/shop"
    assert said_last(said) == "; the last it said: FATAL cannot reach postgres://…@db:5432/shop"
