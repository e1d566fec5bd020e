"""What dependencies cost, as rows of a duet: known, unknown, new, gone, and too little to matter."""

import random
from dataclasses import replace

import pytest

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.duet import DuetPlan, judge
from perfgate.compare.multiplicity import ErrorRates
from perfgate.compare.pairs import compare_pairs
from perfgate.compare.rows import Row, rows_of
from perfgate.compare.rules import Margin, Rules
from perfgate.metrics.dependency_use import DependencyUse
from perfgate.metrics.run import Environment, Occupancy
from tests.support.seeded_duets import depending, noisy_duet, tally

RATES = ErrorRates(0.01, 0.025)
POSTGRES = "dependency_cpu{name:postgres}"
CPU = Row("shop", None, POSTGRES, "value")
PAIRS = 24


def costs(middle, seed, count=PAIRS):
    """Around `middle` ms a request, round after round."""
    lots = random.Random(seed)
    return [middle * (1 + lots.gauss(0, 0.01)) for _ in range(count)]


def duet_of(on_base, on_head, head_factor=1.0):
    """A duet whose sides depend on postgres at these costs."""
    base, head = noisy_duet(PAIRS, head_factor)
    return depending(base, "postgres", on_base), depending(head, "postgres", on_head)


def compared(base, head, rules=None):
    return {
        row.row.metric: row for row in compare_pairs(base, head, rules or Rules(), RATES) if row.row.request is None
    }


def test_a_database_that_has_more_to_do_is_a_regression_of_its_own_row():
    rows = compared(*duet_of(costs(1.0, 1), costs(4.1, 2)))
    assert (rows[POSTGRES].verdict, rows[POSTGRES].gated) == (RowVerdict.REGRESSED, True)
    assert rows[POSTGRES].change == pytest.approx(3.1, abs=0.1)
    assert rows["service_cpu"].verdict is RowVerdict.UNCHANGED


def test_work_that_moves_into_the_database_shows_on_both_sides():
    base, head = duet_of(costs(1.0, 1), costs(1.5, 2))
    for round_ in head.rounds:
        round_.tally.service_cpu_seconds *= 0.6
    rows = compared(base, head)
    assert rows["service_cpu"].verdict is RowVerdict.IMPROVED
    assert rows[POSTGRES].verdict is RowVerdict.REGRESSED


def test_a_third_more_of_nothing_is_no_regression():
    rows = compared(*duet_of(costs(0.002, 1), costs(0.0027, 2)))
    assert rows[POSTGRES].verdict is RowVerdict.UNCHANGED
    assert rows[POSTGRES].margin == pytest.approx(2.5, rel=0.05)


def test_one_that_did_nothing_at_all_may_do_next_to_nothing_and_no_more():
    idle = [0.0] * PAIRS
    assert compared(*duet_of(idle, costs(0.001, 1)))[POSTGRES].verdict is RowVerdict.UNCHANGED
    assert compared(*duet_of(idle, idle))[POSTGRES].verdict is RowVerdict.UNCHANGED
    assert compared(*duet_of(idle, costs(0.1, 1)))[POSTGRES].verdict is RowVerdict.REGRESSED


def test_one_that_only_head_talks_to_informs():
    rows = compared(*duet_of([None] * PAIRS, costs(3.0, 1)))
    row = rows[POSTGRES]
    assert (row.gated, row.change, row.base) == (False, None, None)
    assert row.head == pytest.approx(3.0, abs=0.05)
    assert row.warnings == ("postgres is new on head: nothing to compare it with; a threshold can limit it",)


def test_one_that_head_does_without_informs():
    row = compared(*duet_of(costs(3.0, 1), [None] * PAIRS))[POSTGRES]
    assert (row.gated, row.warnings) == (False, ("head does without postgres, which base depends on",))


def test_one_of_which_nobody_knows_on_base_leaves_the_row_open():
    base, head = noisy_duet(PAIRS, 1.0)
    row = compared(base, depending(head, "postgres", costs(3.0, 1)))[POSTGRES]
    assert (row.gated, row.verdict, row.warnings) == (True, RowVerdict.INCONCLUSIVE, ("only head measured it",))


def test_rounds_before_it_was_found_are_unknown_and_not_zero():
    late = [*[None] * 8, *costs(1.0, 1, PAIRS - 8)]
    row = compared(*duet_of(late, costs(1.0, 2)))[POSTGRES]
    assert (row.rounds, row.verdict) == (PAIRS - 8, RowVerdict.UNCHANGED)
    assert row.base == pytest.approx(1.0, abs=0.02)
    assert "only 16 of 24 pairs measured it on both sides" in row.warnings


def test_the_round_in_which_it_was_found_does_not_count():
    base, head = duet_of(costs(1.0, 1), costs(1.0, 2))
    head.rounds[0].tally.dependencies = {"postgres": DependencyUse(0, 0.0, 1000)}
    assert compared(base, head)[POSTGRES].rounds == PAIRS - 1


def test_each_dependency_has_its_rows_in_the_order_of_names():
    both = tally(10)
    both.dependencies = {"redis": DependencyUse(200, 0.1, 5), "postgres": DependencyUse(200, 0.2, 7)}
    metrics = [row.metric for row in rows_of("shop", "constant-vus", tally(10), both)]
    assert metrics[3:7] == [
        f"dependency_{what}{{name:{name}}}" for name in ("postgres", "redis") for what in ("cpu", "memory")
    ]


def test_its_memory_informs_unless_a_margin_names_it():
    memory = replace(CPU, metric="dependency_memory{name:postgres}")
    assert not Rules().gates(memory)
    assert not Rules(margins=(Margin(0.2, scenario="shop"),)).gates(memory)
    assert Rules(margins=(Margin(0.2, metric="dependency_memory"),)).gates(memory)
    assert Rules(margins=(Margin(0.2, metric="dependency_memory{name:postgres}"),)).gates(memory)
    assert not Rules(margins=(Margin(0.2, metric="dependency_memory{name:redis}"),)).gates(memory)


def test_a_margin_for_one_dependency_is_more_precise_than_one_for_all():
    rules = Rules(margins=(Margin(0.3, metric=POSTGRES), Margin(0.2, metric="dependency_cpu")))
    assert rules.margin_of(CPU, 1.0) == 0.3
    assert rules.margin_of(replace(CPU, metric="dependency_cpu{name:redis}"), 1.0) == 0.2
    assert rules.names(CPU)


def test_what_others_took_from_head_makes_no_regression_of_a_database():
    base, head = duet_of(costs(1.0, 1), costs(1.1, 2))
    plan = DuetPlan(1, 60.0, 60.0 / PAIRS)
    calm, busy = (Environment(Occupancy(share, 0.3), None, None) for share in (0.0, 0.08))
    disturbed = replace(head, rounds=tuple(replace(round_, environment=busy) for round_ in head.rounds))
    base = replace(base, rounds=tuple(replace(round_, environment=calm) for round_ in base.rounds))

    def verdict(side):
        judged = judge(plan, Rules(), base, side, last=True)
        return next(row for row in judged.rows if row.row == CPU).verdict

    assert verdict(head) is RowVerdict.REGRESSED
    assert verdict(disturbed) is RowVerdict.INCONCLUSIVE
