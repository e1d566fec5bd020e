"""What tests take from npm: what GitHub itself publishes, prism, axe-core. `make tools` installs it."""

import json

import pytest

from tests.support.paths import ROOT

MODULES = ROOT / ".npm" / "node_modules"


def module(path):
    """A file of an installed package. Where it is missing, the test is skipped and says how to install it."""
    found = MODULES / path
    if not found.exists():
        pytest.skip(f"{path} is not installed: run `make tools`")
    return found


def examples(event):
    """The payloads that GitHub gives as examples of an event."""
    listed = json.loads(module("@octokit/webhooks-examples/api.github.com/index.json").read_text())
    return next(one["examples"] for one in listed if one["name"] == event)
