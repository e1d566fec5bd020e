"""Functions whose CPU rose beyond chance, and silence where none did. Profiles by numbers."""

import random
from dataclasses import replace

import pytest

from perfgate.explain.pairs import ProfiledPair
from perfgate.explain.profile import Function, Profile
from perfgate.explain.rise import KnownRise, rises
from tests.support.profiled_pairs import pairs, stack, timed

MAIN = "serve.py:handle"
BASE = {stack(MAIN, f"shop/work.py:step_{number}"): 0.02 * number for number in range(1, 20)}
SLOW = stack(MAIN, "shop/work.py:step_7")


def unknown(function, line):
    return None


def named(measured, changed=unknown, known=None):
    return [rise.function.name for rise in rises(measured, changed, known)]


def test_nothing_is_named_where_nothing_changed():
    silent = sum(not named(pairs(BASE, BASE, seed)) for seed in range(100))
    assert silent >= 95


@pytest.mark.parametrize("share", [0.02, 0.05, 0.2])
def test_a_new_function_is_named_first(share):
    more = {**BASE, stack(MAIN, "shop/new.py:added"): share * sum(BASE.values())}
    assert sum(named(pairs(BASE, more, seed))[:1] == ["added"] for seed in range(20)) >= 19


def test_a_function_that_takes_more_is_named_with_its_times():
    more = {**BASE, SLOW: BASE[SLOW] + 0.4}
    (rise,) = rises(pairs(BASE, more), unknown, None)
    assert rise.function == Function("step_7", "shop/work.py")
    assert rise.base_ms == pytest.approx(0.14, rel=0.3)
    assert rise.low_ms < 0.4 < rise.high_ms
    assert rise.change_ms == pytest.approx(0.4, rel=0.25)


def test_the_one_that_rose_most_comes_first():
    more = {**BASE, SLOW: BASE[SLOW] + 0.4, stack(MAIN, "shop/work.py:step_2"): 0.84}
    assert named(pairs(BASE, more)) == ["step_2", "step_7"]


def test_a_function_that_takes_less_is_no_cause():
    assert named(pairs({**BASE, SLOW: 0.9}, BASE)) == []


def test_all_functions_together_are_not_named_for_an_instance_that_is_slower_by_a_little():
    slower = {one: 1.04 * ms for one, ms in BASE.items()}
    assert sum(not named(pairs(BASE, slower, seed)) for seed in range(20)) >= 19


def test_a_burst_in_one_round_is_no_cause():
    measured = pairs(BASE, BASE)
    burst = dict(measured[3].head.profile.stacks)
    burst[SLOW] += 120
    head = replace(measured[3].head, profile=Profile(burst, {}, None))
    measured[3] = ProfiledPair(measured[3].base, head)
    assert named(measured) == []


def test_other_loads_on_both_sides_are_no_cause():
    chance = random.Random(4)
    measured = pairs(BASE, BASE)
    scaled = [replace(pair, head=_fewer(pair.head, 0.5 + chance.random() / 2)) for pair in measured]
    assert named(scaled) == []


def _fewer(one, share):
    """The round with so many of its requests, CPU and samples."""
    stacks = {stack: round(share * count) for stack, count in one.profile.stacks.items()}
    return replace(
        one,
        profile=Profile({stack: count for stack, count in stacks.items() if count}, {}, None),
        requests=round(share * one.requests),
        cpu_seconds=share * one.cpu_seconds,
    )


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_pairs_name_nothing(count):
    more = {**BASE, SLOW: 5.0}
    assert named(pairs(BASE, more, count=count)) == []


def test_rounds_without_requests_or_samples_are_left_out():
    more = {**BASE, SLOW: BASE[SLOW] + 0.6}
    measured = pairs(BASE, more)
    empty = replace(measured[0].head, requests=0, cpu_seconds=0.0, profile=Profile({}, {}, None))
    assert named([ProfiledPair(measured[0].base, empty), *measured[1:]]) == ["step_7"]
    assert named([ProfiledPair(empty, empty)] * 8) == []


def test_of_two_that_noise_does_not_tell_apart_the_one_that_was_changed_comes_first():
    more = {**BASE, SLOW: BASE[SLOW] + 0.38, stack(MAIN, "shop/work.py:step_8"): BASE[SLOW] + 0.42}
    measured = pairs(BASE, more)
    changed = named(measured)[-1]
    assert named(measured, lambda function, line: function.name == changed)[0] == changed


def test_one_that_rose_far_more_stays_first_though_another_one_was_changed():
    more = {**BASE, SLOW: BASE[SLOW] + 0.2, stack(MAIN, "shop/work.py:step_2"): 1.2}
    assert named(pairs(BASE, more), lambda function, line: function.name == "step_7") == ["step_2", "step_7"]


def test_what_was_changed_is_seen_sooner():
    more = {**BASE, SLOW: BASE[SLOW] + 0.045}
    seen = [named(pairs(BASE, more, seed), lambda function, line: function.name == "step_7") for seed in range(40)]
    unseen = [named(pairs(BASE, more, seed)) for seed in range(40)]
    assert sum(map(bool, seen)) > sum(map(bool, unseen))


def test_what_was_changed_and_takes_no_more_is_not_named():
    silent = sum(not named(pairs(BASE, BASE, seed), lambda function, line: True) for seed in range(100))
    assert silent >= 95


def test_samples_of_a_known_time_need_none_on_base():
    measured = pairs({stack(MAIN): 0.0}, {stack(MAIN, "shop/new.py:added"): 0.4})
    known = [ProfiledPair(timed(pair.base), timed(pair.head)) for pair in measured]
    (rise,) = rises(known, unknown, None)
    assert (rise.function.name, rise.base_ms) == ("added", 0.0)
    assert rise.change_ms == pytest.approx(0.4, rel=0.25)


def test_profiles_without_any_sample_name_nothing_though_a_rise_is_known():
    empty = [ProfiledPair(timed(pair.base), timed(pair.head)) for pair in pairs({}, {})]
    assert named(empty, known=KnownRise(0.4, 0.01)) == []


def test_where_the_duet_has_proven_a_rise_the_function_that_explains_it_is_named():
    more = {**BASE, SLOW: BASE[SLOW] + 0.045}
    measured = [pairs(BASE, more, seed) for seed in range(40)]
    unproven = [named(one) for one in measured]
    known = [named(one, known=KnownRise(0.045, 0.01)) for one in measured]
    assert sum(one == ["step_7"] for one in known) > sum(one == ["step_7"] for one in unproven)
    assert sum(one not in ([], ["step_7"]) for one in known) <= 2


def test_a_rise_that_all_functions_have_a_little_of_names_none():
    slower = {one: 1.04 * ms for one, ms in BASE.items()}
    known = KnownRise(0.04 * sum(BASE.values()), 0.02)
    assert sum(not named(pairs(BASE, slower, seed), known=known) for seed in range(20)) >= 19


RULES = [stack(MAIN, "shop/work.py:all", f"node_modules/rules.js:{name}") for name in ("match", "weigh", "apply")]
WITH_RULES = {**BASE, **dict(zip(RULES, (0.6, 0.06, 0.4), strict=True)), stack(MAIN, "shop/work.py:all"): 0.05}


def paths(measured, changed=unknown, known=None):
    return [[function.name for function in rise.path] for rise in rises(measured, changed, known)]


def test_one_library_of_many_that_a_function_calls_is_seen_though_it_is_a_small_part_of_them():
    more = {**WITH_RULES, RULES[1]: 0.12}
    found = [paths(pairs(WITH_RULES, more, seed)) for seed in range(40)]
    assert sum(one == [["all", "weigh"]] for one in found) >= 36


def test_the_own_lines_of_a_function_are_seen_beside_the_libraries_that_it_calls():
    more = {**WITH_RULES, stack(MAIN, "shop/work.py:all"): 0.11}
    assert sum(paths(pairs(WITH_RULES, more, seed)) == [["all", "all"]] for seed in range(40)) >= 36


def test_a_function_all_of_whose_parts_rose_is_named_once():
    more = {**WITH_RULES, **dict(zip(RULES, (0.9, 0.3, 0.7), strict=True))}
    assert paths(pairs(WITH_RULES, more)) == [["all"]]


def test_a_part_that_was_changed_is_seen_sooner():
    more = {**WITH_RULES, RULES[1]: 0.09}
    measured = [pairs(WITH_RULES, more, seed) for seed in range(40)]
    seen = [paths(one, lambda function, line: function.name == "weigh") for one in measured]
    assert sum(map(bool, seen)) > sum(map(bool, map(paths, measured)))


def test_a_rise_that_is_known_is_found_in_one_of_many_parts():
    more = {**WITH_RULES, RULES[1]: 0.1}
    found = [paths(pairs(WITH_RULES, more, seed), known=KnownRise(0.04, 0.01)) for seed in range(40)]
    assert sum(one == [["all", "weigh"]] for one in found) >= 30
    assert sum(one not in ([], [["all", "weigh"]]) for one in found) <= 2


def test_nothing_is_named_where_nothing_changed_in_any_part():
    silent = sum(not paths(pairs(WITH_RULES, WITH_RULES, seed)) for seed in range(100))
    assert silent >= 95
