"""Profiles as one tree of frames, and as the records that a flame graph is drawn from."""

import random

import pytest

from perfgate.explain.profile import Function
from perfgate.report.charts.flame import flame_chart
from perfgate.report.charts.flame_tree import MOST_FRAMES, MOST_ROWS, flame_tree

SERVE, SORT, PRICES, OLD, NEW = (
    Function(name, f"shop/{name}.py") for name in ("serve", "sort", "prices", "old", "new")
)
BASE = {(SERVE,): 1.0, (SERVE, SORT): 2.0, (SERVE, PRICES): 1.0, (SERVE, OLD): 0.5}
HEAD = {(SERVE,): 1.0, (SERVE, SORT): 2.0, (SERVE, PRICES): 3.0, (SERVE, NEW): 0.5}


def chart_of(base, head):
    return flame_chart(flame_tree(base, head).frames, {PRICES: 12})


def by_name(frames):
    return {frame.function.name: frame for frame in frames}


def test_a_frame_takes_what_it_and_all_below_it_take():
    frames = by_name(flame_tree(BASE, HEAD).frames)
    assert (frames["all"].base.total, frames["all"].head.total) == (4.5, 6.5)
    assert (frames["serve"].base.total, frames["serve"].base.own) == (4.5, 1.0)
    assert (frames["prices"].change, frames["sort"].change) == (2.0, 0.0)


def test_what_is_on_one_side_alone_is_there():
    frames = by_name(flame_tree(BASE, HEAD).frames)
    assert (frames["old"].base.total, frames["old"].head.total) == (0.5, 0.0)
    assert (frames["new"].base.total, frames["new"].head.total) == (0.0, 0.5)


@pytest.mark.parametrize("side", ["base", "head"])
def test_frames_stand_within_the_one_that_calls_them_and_beside_each_other(side):
    frames = flame_tree(*(made(seed) for seed in (1, 2))).frames
    ends = {}
    for frame in frames[1:]:
        own, caller = getattr(frame, side), getattr(frames[frame.parent], side)
        assert own.start == pytest.approx(ends.get(frame.parent, caller.start))
        ends[frame.parent] = own.start + own.total
        assert ends[frame.parent] <= caller.start + caller.total + 1e-9
        assert frame.depth == frames[frame.parent].depth + 1


@pytest.mark.parametrize("side", ["base", "head"])
def test_own_lines_add_up_to_all_that_a_request_takes(side):
    stacks = made(1, 9000)
    frames = flame_tree(stacks, stacks).frames
    assert len(frames) <= MOST_FRAMES
    assert sum(getattr(frame, side).own for frame in frames) == pytest.approx(sum(stacks.values()))


def made(seed, count=300):
    """Stacks by chance, some of them of one function within itself."""
    lots = random.Random(seed)
    names = [Function(f"f{number}", "") for number in range(12)]
    return {tuple(lots.choices(names, k=lots.randint(1, 9))): lots.expovariate(1) for _ in range(count)}


def test_a_stack_as_deep_as_recursion_goes_is_no_trouble():
    deep = tuple(Function(f"f{number}", "") for number in range(5000))
    stacks = {deep: 1.0, deep[:1]: 1.0}
    frames = flame_tree(stacks, stacks).frames
    assert len(frames) == MOST_ROWS
    assert frames[-1].head.own == 1.0


def test_outer_functions_that_only_hand_on_are_left_out():
    outer = tuple(Function(f"outer{number}", "") for number in range(9))
    tree = flame_tree(*({(*outer, *stack): time for stack, time in side.items()} for side in (BASE, HEAD)))
    assert tree.left_out == 9
    assert by_name(tree.frames) == by_name(flame_tree(BASE, HEAD).frames)


def test_a_little_beside_them_stays():
    outer = tuple(Function(f"outer{number}", "") for number in range(9))
    little = {(Function("main", ""), Function("poll", "")): 0.05}
    sides = ({(*outer, *stack): time for stack, time in side.items()} | little for side in (BASE, HEAD))
    tree = flame_tree(*sides)
    assert tree.left_out == 9
    assert [frame.function.name for frame in tree.frames if frame.depth == 1] == ["serve", "main"]


def test_of_frames_that_one_calls_the_widest_is_the_first():
    assert [frame.function.name for frame in flame_tree(BASE, HEAD).frames] == [
        "all",
        "serve",
        "prices",
        "sort",
        "new",
        "old",
    ]


def test_nothing_seen_on_one_side_is_no_trouble():
    chart = chart_of(BASE, {})
    assert chart["datasets"]["frames"][0]["head_total"] == 0


def test_functions_are_listed_with_all_their_frames_first_those_whose_own_lines_changed_most():
    functions = chart_of(BASE, HEAD)["datasets"]["functions"]
    assert functions[0] == {
        "name": "prices",
        "own_change": 2.0,
        "base_own": 1.0,
        "head_own": 3.0,
        "change": 2.0,
        "base": 1.0,
        "head": 3.0,
        "place": "shop/prices.py:12",
    }
    serve = next(one for one in functions if one["name"] == "serve")
    assert (serve["own_change"], serve["change"], serve["place"]) == (0.0, 2.0, "shop/serve.py")


def test_a_function_within_itself_counts_once():
    functions = chart_of({(SORT, SORT): 1.0}, {(SORT, SERVE, SORT): 3.0})["datasets"]["functions"]
    sort = next(one for one in functions if one["name"] == "sort")
    assert (sort["base"], sort["head"], sort["head_own"]) == (1.0, 3.0, 3.0)


def test_a_small_difference_has_little_colour_and_a_large_one_all_of_it():
    def domain(head):
        return chart_of(BASE, head)["layer"][0]["encoding"]["color"]["scale"]["domain"]

    assert domain(BASE) == pytest.approx([-0.45, 0, 0.45])
    assert domain(HEAD) == [-2.0, 0, 2.0]
