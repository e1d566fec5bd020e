"""Folded stacks as py-spy and other profilers write them."""

import pytest

from perfgate.explain.folded import parse_folded
from perfgate.explain.profile import Function
from perfgate.service.owner import this_process

PRICES = Function("discount", "shop/prices.py")


def test_frames_and_samples_are_read():
    profile = parse_folded("main;work;multiply 12\nmain;work 3\n")
    work, multiply = (Function(name, "") for name in ("work", "multiply"))
    assert profile.stacks == {(Function("main", ""), work, multiply): 12, (Function("main", ""), work): 3}


def test_files_are_told_from_the_folder_of_the_service_on_and_lines_beside_them():
    profile = parse_folded("<module> (/srv/app/serve.py:1);discount (/srv/app/shop/prices.py:12) 7", "/srv/app")
    assert profile.stacks == {(Function("<module>", "serve.py"), PRICES): 7}
    assert profile.lines == {Function("<module>", "serve.py"): 1, PRICES: 12}


def test_what_lies_beside_the_folder_of_the_service_has_one_name_on_both_sides():
    tops = [f"/tmp/perfgate-{this_process()}-{side}_1234/my shop" for side in ("base", "head")]
    frames = "main ({0}/services/pets/main.py:1);rule ({0}/libs/rules.py:2);loads (/usr/lib/python3.11/json.py:3) 7"
    base, head = (parse_folded(frames.format(top), f"{top}/services/pets") for top in tops)
    assert base.stacks == head.stacks
    assert [function.file for function in base.lines] == ["main.py", "libs/rules.py", "/usr/lib/python3.11/json.py"]


def test_the_same_function_on_another_line_is_the_same_stack():
    profile = parse_folded("discount (shop/prices.py:12) 1\ndiscount (shop/prices.py:14) 2")
    assert profile.stacks == {(PRICES,): 3}


def test_functions_of_one_name_have_a_line_each_where_the_profiler_tells_their_first():
    text = "wrap (shop/a.py:3);wrap (shop/a.py:9) 2\nwrap (shop/a.py:3) 1"
    wrap = Function("wrap", "shop/a.py")
    assert parse_folded(text, begins=True).begins == {wrap: {9: 2, 3: 1}}
    assert parse_folded(text).begins == {}


def test_a_frame_may_hold_spaces_and_brackets():
    profile = parse_folded("operator()(int) const;std::map<int, int>::at 2")
    assert [function.name for function in next(iter(profile.stacks))] == [
        "operator()(int) const",
        "std::map<int, int>::at",
    ]


def test_processes_and_threads_are_no_functions():
    text = 'process 12:"python serve.py";thread (0x7F00): MainThread;discount (shop/prices.py:12) 7'
    assert parse_folded(text).stacks == {(PRICES,): 7}


def test_waiting_is_no_cpu():
    waiting = "run (app.py:1);select (/usr/lib/python3.11/selectors.py:403) 900"
    assert parse_folded(f"{waiting}\ndiscount (shop/prices.py:12) 7").stacks == {(PRICES,): 7}


def test_a_function_of_the_service_with_the_name_of_one_that_waits_counts():
    assert parse_folded("select (shop/selectors_of_pets.py:3) 5\nwait (shop/prices.py:3) 2").stacks


def test_what_is_no_stack_is_left_out():
    assert not parse_folded("# started\n\nmain;work\nmain;work x\n 3\n").stacks


def test_where_waiting_is_looked_for_it_counts():
    waiting = "run (app.py:1);select (/usr/lib/python3.11/selectors.py:403) 900"
    profile = parse_folded(waiting, sample_seconds=0.005)
    assert sum(profile.stacks.values()) == 900
    assert profile.sample_seconds == 0.005


def test_a_comprehension_is_part_of_its_function():
    text = "discount (shop/prices.py:12);<genexpr> (shop/prices.py:14);<listcomp> (shop/prices.py:15) 7"
    assert parse_folded(text).stacks == {(PRICES,): 7}
    inner = "discount.<locals>.<genexpr>"
    text = f"discount (shop/prices.py:12);{inner} (shop/prices.py:14);{inner}.<locals>.<listcomp> (shop/prices.py:15) 7"
    assert parse_folded(text).stacks == {(PRICES,): 7}


def test_a_generator_of_another_function_stands_for_itself():
    text = "total (shop/prices.py:3);discount.<locals>.<genexpr> (shop/prices.py:14) 7"
    assert [len(stack) for stack in parse_folded(text).stacks] == [2]
    text = "total (shop/sums.py:3);<genexpr> (shop/prices.py:14) 7"
    assert parse_folded(text).stacks == {
        (Function("total", "shop/sums.py"), Function("<genexpr>", "shop/prices.py")): 7
    }


@pytest.mark.parametrize("count", ["²", "٣", "9" * 5_000, "1_0", "-1"])
def test_a_line_whose_count_is_no_number_of_samples_is_left_out(count):
    assert not parse_folded(f"main;work {count}\n").stacks


def test_a_line_number_that_no_file_has_is_none():
    profile = parse_folded(f"work (a.py:{'9' * 5_000}) 1\n")
    assert (sum(profile.stacks.values()), profile.lines) == (1, {})
