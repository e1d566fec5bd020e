"""What all tests share: one option, an environment of no job, and asserts of the helpers that explain themselves."""

import os
import shutil
import signal

import pytest

pytest.register_assert_rewrite("tests.support")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files instead of comparing with them"
    )


def pytest_configure(config):
    """What the shell or the job that starts the tests says, they and what they start must not hear.

    A shell has processes in the background ignore Ctrl-C. In a job, `CI` and its like make perfgate keep and publish.
    """
    for name in list(os.environ):
        ours = name.startswith(("GITHUB_", "PERFGATE_")) and not name.startswith("PERFGATE_TEST_")
        if ours or name in ("CI", "JENKINS_URL", "TF_BUILD"):
            del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all pages: a second one of Playwright cannot be started beside it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="make browser installs playwright")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium; make browser installs it")
    with playwright.sync_playwright() as tools:
        started = tools.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()
