"""Noise between the rounds of one run."""

from perfgate.compare.comparison import RowVerdict
from perfgate.compare.noise import against_itself
from perfgate.compare.rules import Rules
from tests.support.seeded_duets import noisy_duet, run_of, tally


def test_calm_rounds_do_not_differ_from_each_other():
    base, _ = noisy_duet(40, 1.0)
    assert {row.verdict for row in against_itself(base, Rules(), 0.0025)} == {RowVerdict.UNCHANGED}


def test_a_ramp_is_no_noise():
    ramp = run_of("base", [tally(10 * 1.1**step) for step in range(40)])
    verdicts = {row.verdict for row in against_itself(ramp, Rules(), 0.0025)}
    assert not verdicts & {RowVerdict.REGRESSED, RowVerdict.IMPROVED}


def test_a_beat_of_the_machine_is_seen():
    beat = run_of("base", [tally(10 if place % 4 in (0, 3) else 12) for place in range(40)])
    rows = against_itself(beat, Rules(), 0.0025)
    median = next(row for row in rows if row.row.stat == "med")
    assert (median.verdict, median.rounds) == (RowVerdict.REGRESSED, 20)
