"""A file of any size takes the memory of a small one: it is folded line by line."""

import subprocess
import sys

import pytest

from tests.support.importing import content, unpacked

HALF_A_MEGABYTE = 2**19


def peak_of_import(path):
    """The most memory, in bytes, that importing it took: of Python's own, which no neighbour has a part in."""
    code = (
        "import sys, tracemalloc\n"
        "from pathlib import Path\n"
        "from perfgate.exchange.importing.assembling import ImportOverrides\n"
        "from perfgate.exchange.importing.formats import read_file\n"
        "tracemalloc.start()\n"
        "imported = read_file(Path(sys.argv[1]), None, ImportOverrides(0.0, None, None, None))\n"
        "print(imported.runs[0].results[0].requests, tracemalloc.get_traced_memory()[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=300, check=True)
    requests, peak = map(int, done.stdout.split())
    return requests, peak


def grown(folder, name, size):
    """A file like the fixture, its points repeated until it has so many bytes."""
    lines = unpacked(name).splitlines(keepends=True)
    heads = [line for line in lines if b'"type":"Metric"' in line or line.startswith(b"metric_name")]
    points = b"".join(line for line in lines if line not in heads)
    path = folder / name
    with path.open("wb") as file:
        file.writelines(heads)
        while file.tell() < size:
            file.write(points)
    return path


@pytest.mark.parametrize("name", ["k6.json", "k6.csv"])
@pytest.mark.parametrize("times", [30, pytest.param(500, marks=pytest.mark.slow)])
def test_a_large_file_takes_no_more_memory_than_a_small_one(name, times, tmp_path):
    small = tmp_path / "small"
    small.write_bytes(content(name))
    few, least = peak_of_import(small)
    many, peak = peak_of_import(grown(tmp_path, name, times * len(content(name))))
    assert many > 25 * few
    assert peak < least + HALF_A_MEGABYTE
