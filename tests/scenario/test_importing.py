"""What `from perfgate import scenario` brings along, in a process of its own."""

import subprocess
import sys


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_a_scenario_file_brings_nothing_slow_along():
    code = "import sys; from perfgate import scenario; print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run(code)}
    assert "perfgate" in loaded
    slow = {
        "asyncio",
        "click",
        "concurrent",
        "csv",
        "difflib",
        "gevent",
        "hashlib",
        "httptools",
        "json",
        "multiprocessing",
    }
    slow |= {"numpy", "psutil", "requests", "socket", "sqlite3", "sqlite_utils", "ssl", "subprocess", "tabulate"}
    assert loaded & slow == set()


def test_the_name_means_the_decorator_whatever_was_imported_before():
    before = "import perfgate.scenario.finding, perfgate.verdict"
    assert run(f"{before}; from perfgate import scenario; print(scenario.__name__)") == ["scenario"]


def test_the_rest_of_the_room_can_be_imported_by_its_path():
    imports = "from perfgate.scenario.finding import load_scenarios; from perfgate.scenario import Scenario"
    assert run(f"{imports}; print(Scenario.__name__)") == ["Scenario"]
