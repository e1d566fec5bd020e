"""What the tests of the exchange share: files of real tools, and how to read one."""

import gzip
from pathlib import Path

from perfgate.exchange.importing.assembling import ImportOverrides
from perfgate.exchange.importing.formats import read_file
from tests.support.paths import TESTS

# Written by the tools themselves (k6 1.8.1, Locust 2.47, oha 1.16, vegeta 12.13, hyperfine 1.15, pytest-benchmark 5.3,
# github-action-benchmark 1.22), all of them aimed at the embedded petstore. k6.json, k6.csv and k6_summary_export.json
# are of one run, vegeta.json, vegeta_report.json and vegeta.bin of one attack.
FIXTURES = TESTS / "exchange" / "fixtures"
FORMATS = {
    "k6_summary_export.json": "k6-summary",
    "k6_handle_summary.json": "k6-handle-summary",
    "k6_machine_summary.json": "k6-machine-summary",
    "k6.json": "k6-json",
    "k6.json.gz": "k6-json",
    "k6.csv": "k6-csv",
    "k6.csv.gz": "k6-csv",
    "locust_stats.csv": "locust-stats",
    "locust.json": "locust-json",
    "jtl.csv": "jtl",
    "oha.json": "oha",
    "oha_failed.json": "oha",
    "vegeta.json": "vegeta",
    "vegeta_report.json": "vegeta-report",
    "hyperfine.json": "hyperfine",
    "hyperfine_failed.json": "hyperfine",
    "pytest_benchmark.json": "pytest-benchmark",
    "data.js": "github-action-benchmark",
}
NOON = 1_769_860_800.0  # 2026-01-31T12:00:00Z
DATED = ImportOverrides(NOON, None, None, None)
UNDATED = ImportOverrides(None, None, None, None)


def kept(path, overrides=None, name=None):
    """The runs of a file, with a date of their own where the file has some."""
    overrides = overrides or (UNDATED if Path(path).name == "data.js" else DATED)
    return read_file(Path(path), name, overrides).runs


def results(path, **options):
    """The results of the one run of a file, by request name; None is the whole scenario."""
    (run,) = kept(path, **options)
    return {result.request: result for result in run.results}


def content(name):
    return (FIXTURES / name).read_bytes()


def written(folder, content, name="file"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def unpacked(name):
    return gzip.decompress(content(name)) if name.endswith(".gz") else content(name)
