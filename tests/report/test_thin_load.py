"""What is said of a load that is too thin for its margins."""

import pytest

from perfgate.report.thin_load import thin_load


@pytest.mark.parametrize(
    ("wanted", "bearable", "said"),
    [
        (1.5, 1.0, "The service's CPUs bear no more than now: take the longer budget, --budget 1m30s."),
        (50.0, 1.0, "The service's CPUs bear no more than now: take the wider margins."),
        (3.0, 5.0, "The service's CPUs bear it: [measure] scale, or --scale 3."),
        (
            3.0,
            1.5,
            "The service's CPUs bear 1.5 times as much: [measure] scale, or --scale 1.5; for the rest take the longer"
            " budget, --budget 3m.",
        ),
        (
            2.0,
            None,
            "Whether the service bears that is not known: try --scale 2, or take the longer budget, --budget 2m.",
        ),
    ],
)
def test_what_to_do_depends_on_what_the_service_bears(wanted, bearable, said):
    first, second = thin_load(wanted, bearable, "1m", wanted * 60.0)
    assert first.endswith(f"to decide within 1m it takes {wanted:g} times as much.")
    assert second == said
