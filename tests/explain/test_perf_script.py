"""What `perf script` prints, and the functions that its frames are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perfgate.explain.profile import Function
from perfgate.explain.profilers.gathering import Gathering
from perfgate.explain.profilers.go_names import go_file, unnumbered
from perfgate.explain.profilers.images import Memory
from perfgate.explain.profilers.perf_names import PerfNames
from perfgate.explain.profilers.perf_script import PerfFrame, Sample, parse_script
from perfgate.explain.profilers.program import ProfilerPlace
from perfgate.explain.profilers.source_lines import SourceLines

HERE = ProfilerPlace(Path(), dict(os.environ))
ME = os.getpid()
MAP = f"/tmp/perf-{ME}.map"

SCRIPT = "\n".join(
    [
        "",
        " 4711 ",
        "\tffffffff813a2413 __schedule+0x93 ([kernel.kallsyms])",
        "\t          270bf4 std::vector<int>::at(unsigned long)+0xb4 (/srv/shop/server (deleted))",
        "\t          2724a [unknown] ([unknown])",
        "",
        " 4711 ",
        "\t          270bf4 std::vector<int>::at(unsigned long)+0xb4 (/srv/shop/server)",
        "",
    ]
)


def names_of(gathering):
    """What names the frames of this process."""
    return PerfNames({ME: Memory(ME)}, SourceLines(HERE), gathering)


def named(*frames, root=""):
    """The functions of a sample of this process, and where they begin."""
    gathering = Gathering(root)
    names = names_of(gathering)
    sample = Sample(ME, frames)
    names.look_at([sample])
    stack = names.stack(sample)
    gathering.add(stack, 1)
    return stack, gathering.profile().lines


def kernel(symbol):
    return PerfFrame(0xFFFFFFFF81000000, symbol, 0, "[kernel.kallsyms]")


def test_samples_are_read_with_their_frames():
    schedule = PerfFrame(0xFFFFFFFF813A2413, "__schedule", 0x93, "[kernel.kallsyms]")
    vector = PerfFrame(0x270BF4, "std::vector<int>::at(unsigned long)", 0xB4, "/srv/shop/server")
    unknown = PerfFrame(0x2724A, "", 0, "")
    assert parse_script(SCRIPT.splitlines()) == {
        Sample(4711, (schedule, vector, unknown)): 1,
        Sample(4711, (vector,)): 1,
    }


@pytest.mark.parametrize("line", ["²", "9" * 5_000])
def test_a_line_of_digits_that_is_no_process_is_left_out(line):
    assert parse_script([line, *SCRIPT.splitlines()[3:4]]) == parse_script(SCRIPT.splitlines()[3:4])


def test_lines_that_are_no_frames_are_left_out():
    assert parse_script(["", "perf: warning", "", " 12 ", "\tno frame", ""]) == {}


@pytest.mark.parametrize(
    ("symbols", "name"),
    [
        (["tcp_sendmsg", "__x64_sys_sendto", "do_syscall_64", "entry_SYSCALL_64_after_hwframe"], "[kernel] sendto"),
        (["vfs_read", "ksys_read", "do_syscall_64"], "[kernel] read"),
        (["clear_page", "asm_exc_page_fault"], "[kernel]"),
        (["", ""], "[kernel]"),
    ],
)
def test_what_the_kernel_does_is_one_function_by_what_was_asked_of_it(symbols, name):
    stack, _ = named(*map(kernel, symbols), PerfFrame(0x1000, "read", 4, "/usr/lib/libc.so.6"))
    assert stack == (Function("read [libc.so.6]", ""), Function(name, ""))


@pytest.mark.parametrize(
    ("symbol", "function", "line"),
    [
        ("JS:*discount /srv/shop/prices.js:12:20", Function("discount", "prices.js"), 12),
        ("LazyCompile:~get total file:///srv/shop/lib/a b.mjs:3:1", Function("get total", "lib/a b.mjs"), 3),
        ("JS:^ /srv/shop/serve.js:5:19", Function("<anonymous>", "serve.js"), 5),
        ("JS:^emit node:events:471:44", Function("emit", "node:events"), 471),
        ("py::discount:/srv/shop/prices.py", Function("discount", "prices.py"), None),
        ("Builtin:ArrayMap", Function("Builtin:ArrayMap", ""), None),
        ("", Function("[unknown]", ""), None),
    ],
)
def test_functions_of_perf_maps(symbol, function, line):
    (stack,), lines = named(PerfFrame(0x7F0000, symbol, 4, MAP), root="/srv/shop")
    assert stack == function
    assert lines.get(function) == line


def test_functions_of_perf_maps_that_share_a_name_have_a_line_each():
    gathering = Gathering("/srv")
    names = names_of(gathering)
    for line, count in ((5, 3), (9, 4)):
        gathering.add(names.stack(Sample(ME, (PerfFrame(0x7F0000, f"JS:^ /srv/a.js:{line}:1", 4, MAP),))), count)
    assert gathering.profile().begins == {Function("<anonymous>", "a.js"): {5: 3, 9: 4}}


def test_the_program_of_an_interpreter_is_no_code_of_the_service():
    program = Memory(ME).executable
    (outer, _), _ = named(
        PerfFrame(0x7F0000, "JS:*work /srv/work.js:1:1", 4, MAP), PerfFrame(0x1000, "uv_run", 1, program)
    )
    assert outer == Function(f"uv_run [{Path(program).name}]", "")


def test_a_native_program_without_debug_information_is_named_by_its_file():
    program = Memory(ME).executable
    (one,), _ = named(PerfFrame(0x1000, "main;loop", 1, program))
    assert one.name.startswith("main,loop")


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("shop::routes::{closure#2}", "shop::routes::{closure}"),
        ("routes()::{lambda(int)#3}::operator()(int) const", "routes()::{lambda(int)}::operator()(int) const"),
        ("discount.constprop.0.isra.0", "discount"),
        ("discount(int) [clone .isra.0]", "discount(int)"),
        ("discount.part.0", "discount.part.0"),  # it begins within the function
        ("discount(int) [clone .cold]", "discount(int) [clone .cold]"),
    ],
)
def test_what_compilers_number_has_one_name_on_both_sides(symbol, name):
    (one,), _ = named(PerfFrame(0x1000, symbol, 1, Memory(ME).executable))
    assert one.name in (name, f"{name} [{Path(Memory(ME).executable).name}]")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("main.routes.func2", "main.routes.func"),
        ("main.routes.func2.1", "main.routes.func"),
        ("example.com/shop/prices.(*List).Sum.func1.gowrap2", "example.com/shop/prices.(*List).Sum.func.gowrap"),
        ("main.glob..func3", "main.glob..func"),
        ("main.each-range1", "main.each-range"),
        ("main.func1", "main.func1"),
        ("main.func1.func2", "main.func1.func"),
        ("main.routes.func1x", "main.routes.func1x"),
        ("main.Map[go.shape.int].func1", "main.Map[go.shape.int].func"),
        ("main", "main"),
    ],
)
def test_closures_of_go_have_no_numbers(name, expected):
    assert unnumbered(name) == expected


@pytest.mark.parametrize(
    ("name", "file", "module", "known"),
    [
        ("main.main", "/srv/shop/main.go", "example.com/shop", "/srv/shop/main.go"),
        ("example.com/shop/prices.(*List).Sum", "example.com/shop/prices/l.go", "example.com/shop", "prices/l.go"),
        ("net/http.(*conn).serve", "/usr/local/go/src/net/http/server.go", "shop", "$GOROOT/src/net/http/server.go"),
        ("github.com/x/y.Do", "github.com/x/y@v1.2.0/y.go", "example.com/shop", "/pkg/mod/github.com/x/y@v1.2.0/y.go"),
        ("github.com/x/y.Do", "/go/pkg/mod/github.com/x/y@v1.2.0/y.go", "", "/go/pkg/mod/github.com/x/y@v1.2.0/y.go"),
        ("github.com/x/y.Do", "/mod/github.com/x/y@v1.2.0/y.go", "a.b/c", "/pkg/mod/mod/github.com/x/y@v1.2.0/y.go"),
        ("example.com/rules.Do", "/srv/rules/y.go", "example.com/shop", "/srv/rules/y.go"),
        ("slices.SortFunc[go.shape.struct { a.b/c.D int }]", "slices/sort.go", "", "$GOROOT/src/slices/sort.go"),
    ],
)  # fmt: skip
def test_files_of_go_functions(name, file, module, known):
    assert go_file(name, file, module) == known
