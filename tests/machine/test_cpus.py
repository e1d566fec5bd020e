"""CPUs shared out between generator and service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from perfgate.errors import UsageError
from perfgate.machine.cpus import CpuSets, parse_cpus, read_cpus, set_dependencies_apart, split_cpus

PAIRS = ((0, 4), (1, 5), (2, 6), (3, 7))


@pytest.mark.parametrize(
    ("available", "siblings", "expected"),
    [
        ((), (), CpuSets((), ())),
        ((0,), ((0,),), CpuSets((), ())),
        ((0, 1), ((0,), (1,)), CpuSets((0,), (1,))),
        ((0, 1), ((0, 1),), CpuSets((0,), (1,))),
        ((0, 1, 2), (), CpuSets((0,), (1, 2))),
        ((0, 1, 2, 3), (), CpuSets((0, 1), (2, 3))),
        ((0, 1, 2, 3), ((0, 1), (2, 3)), CpuSets((0, 1), (2, 3))),
        ((0, 1, 2, 3), ((0, 2), (1, 3)), CpuSets((0, 2), (1, 3))),
        (range(8), PAIRS, CpuSets((0, 1, 4, 5), (2, 3, 6, 7))),
        ((5, 3), (), CpuSets((3,), (5,))),
    ],
)
def test_generator_and_service_share_no_cpu(
    available: tuple[int, ...], siblings: Sequence[Sequence[int]], expected: CpuSets
) -> None:
    assert split_cpus(available, siblings, None) == expected


@pytest.mark.parametrize(
    ("available", "siblings", "chosen", "expected"),
    [
        ((), (), None, CpuSets((), ())),
        ((0, 1), (), None, CpuSets((0,), (1,))),
        ((0, 1, 2), (), (1,), CpuSets((0, 2), (1,))),
        ((0, 1, 2, 3), (), None, CpuSets((0,), (2, 3), (1,))),
        ((0, 1, 2, 3), ((0, 1), (2, 3)), None, CpuSets((0,), (2, 3), (1,))),
        (range(6), (), None, CpuSets((0,), (3, 4, 5), (1, 2))),
        (range(8), PAIRS, None, CpuSets((0, 4), (2, 3, 6, 7), (1, 5))),
        (range(8), PAIRS, (0,), CpuSets((1, 5), (0,), (2, 3, 6, 7))),
        ((0, 1, 2, 3), (), (1, 2, 3), CpuSets((0,), (1, 2, 3))),
    ],
)
def test_from_four_cpus_on_dependencies_have_half_of_the_generators(
    available: Sequence[int], siblings: Sequence[Sequence[int]], chosen: Sequence[int] | None, expected: CpuSets
) -> None:
    assert set_dependencies_apart(split_cpus(available, siblings, chosen), siblings) == expected
    assert expected.beside == (expected.dependencies or expected.service)


@pytest.mark.parametrize(
    ("available", "siblings", "chosen", "expected"),
    [
        ((0, 1), (), (0,), CpuSets((1,), (0,))),
        ((0, 1, 2, 3), (), (1, 3), CpuSets((0, 2), (1, 3))),
        (range(8), PAIRS, (0,), CpuSets((1, 2, 3, 5, 6, 7), (0,))),
        ((0, 1), ((0, 1),), (1,), CpuSets((0,), (1,))),
        ((0,), (), (0,), CpuSets((), ())),
    ],
)
def test_a_wish_leaves_the_generator_what_shares_no_core_with_it(
    available: tuple[int, ...], siblings: Sequence[Sequence[int]], chosen: tuple[int, ...], expected: CpuSets
) -> None:
    assert split_cpus(available, siblings, chosen) == expected


@pytest.mark.parametrize(
    ("available", "chosen", "hint"), [((0, 1), (2,), "0,1"), ((0, 1), (0, 1), "leave out one"), ((), (0,), "pins")]
)
def test_a_wish_that_cannot_be_had_is_refused(available: tuple[int, ...], chosen: tuple[int, ...], hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        split_cpus(available, (), chosen)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "cpus"), [("0", (0,)), ("0-1,3", (0, 1, 3)), ("3, 1", (1, 3)), ("2-2", (2,)), ("1,1-2", (1, 2))]
)
def test_a_list_of_cpus_is_read(text: str, cpus: tuple[int, ...]) -> None:
    assert parse_cpus(text) == cpus


@pytest.mark.parametrize("text", ["", ",", "a", "1-", "-1", "3-1", "0..3", "1;2", "999999"])
def test_what_is_no_list_of_cpus_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a list of CPUs"):
        parse_cpus(text)


def test_the_machine_is_read_in_a_form_that_can_be_split() -> None:
    cpus = read_cpus()
    sets = split_cpus(cpus.available, cpus.siblings, None)
    assert sorted(sets.generator + sets.service) == (list(cpus.available) if len(cpus.available) > 1 else [])


def test_siblings_come_from_the_topology_that_linux_describes(tmp_path: Path) -> None:
    available = read_cpus(tmp_path).available
    assert read_cpus(tmp_path).siblings == ()
    for cpu in available:
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text("0-999\n")
    assert read_cpus(tmp_path).siblings == ((tuple(range(1000)),) if available else ())
