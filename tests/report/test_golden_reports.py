"""Every kind of verdict as a person sees it. `pytest --update-golden` writes these files anew: read what changed."""

from pathlib import Path

import pytest

from perfgate.report import junit, markdown, terminal
from perfgate.report.trend.fold import trend_fold
from tests.support.trend_samples import history
from tests.support.verdict_samples import SAMPLES

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden(request):
    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert text + "\n" == path.read_text(encoding="utf-8")

    return compare


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_terminal_report_looks_as_before(kind, golden):
    golden(f"{kind}.txt", terminal.render(SAMPLES[kind](), color=False))


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_comment_looks_as_before(kind, golden):
    golden(f"{kind}.md", markdown.render(SAMPLES[kind]()))


def test_the_terminal_report_with_everything_looks_as_before(golden):
    golden("regression.verbose.txt", terminal.render(SAMPLES["regression"](), color=False, verbose=True))


def test_the_terminal_report_in_colour_looks_as_before(golden):
    golden("regression.color.txt", terminal.render(SAMPLES["regression"](), color=True))


def test_the_comment_with_a_trend_looks_as_before(golden):
    verdict = SAMPLES["regression"]()
    golden("regression.trend.md", markdown.render(verdict, trend=trend_fold(history(), verdict)))


@pytest.mark.parametrize("kind", ["regression", "accepted", "labelled", "invalid", "threshold_failed", "dependency"])
def test_the_junit_report_looks_as_before(kind, golden):
    golden(f"{kind}.xml", junit.render(SAMPLES[kind]()))
