"""The k6 binary, and how it is called."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from perfgate.errors import MistakeError, UsageError, nearest
from perfgate.tokens import without_tokens

# The first that reads modern modules by itself and writes what is read here.
OLDEST = (0, 50)
BASE_URL = "BASE_URL"

_INSTALL = (
    "install it (https://grafana.com/docs/k6/latest/set-up/install-k6/, or: go install go.k6.io/k6@latest), "
    'or name it in perfgate.toml: [k6] path = "/opt/k6"'
)
# Variables that say a load: they stand above the script's, and are read with its options.
_LOADS = ("K6_VUS", "K6_DURATION", "K6_ITERATIONS", "K6_STAGES")
_KEPT_SUMMARY = "K6_SUMMARY_EXPORT"
_NO_SUMMARY = "K6_NO_SUMMARY"
# Variables of the summary in which setup tells what it returned.
_SUMMARIES = (_KEPT_SUMMARY, _NO_SUMMARY, "K6_SUMMARY_MODE", "K6_NEW_MACHINE_READABLE_SUMMARY")
# Of the script's setup; that of a round is ours, and waits for the other side.
_SETUP_TIMEOUT = "K6_SETUP_TIMEOUT"
# Variables that would make k6 play something else than the slice that it is given, hide the target, or write elsewhere.
_REPLACED = frozenset(
    f"K6_{name}"
    for name in (
        *("EXECUTION_SEGMENT", "EXECUTION_SEGMENT_SEQUENCE", "PAUSED", "WEB_DASHBOARD"),
        *("SYSTEM_TAGS", "NO_SETUP", "NO_TEARDOWN", "LINGER", "OUT", "LOG_OUTPUT", "LOG_FORMAT", "ADDRESS", "THROW"),
        *("INCLUDE_SYSTEM_ENV_VARS", "TYPE"),
    )
)
# What k6 is told of the target where there is none yet, as its scripts' options are read.
SOME_TARGET = "http://target.perfgate.invalid"
# A configuration file of k6's (that of K6_CONFIG, or the user's own) may say otherwise, and nothing would ever begin.
_BEGINS = {"K6_PAUSED": "false", "K6_NO_SETUP": "false", "K6_NO_TEARDOWN": "false"}
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_INSPECT_SECONDS = 30.0
# k6 only warns of it, and plays a load that nobody meant.
_UNKNOWN_OPTION = re.compile(r'unknown field [\\"]+(\w+)')
_VERSION = re.compile(r"\bv?(\d+)\.(\d+)\.(\d+)\S*")


@dataclass(frozen=True)
class K6Settings:
    """`[k6]` of perfgate.toml.

    path: where the binary is; None for the k6 on PATH.
    url_variable: the environment variable that the scripts read the target's URL from, besides BASE_URL.
    """

    path: str | None = None
    url_variable: str | None = None


class InspectError(Exception):
    """A mistake in a script. log: what `k6 inspect` wrote."""

    def __init__(self, log: str) -> None:
        super().__init__(log)
        self.log = log


class Launcher:
    """Calls of the k6 binary.

    environment: the variables of this process.
    verify: whether the target's certificate is verified, or the file of the authorities to trust.
    """

    def __init__(self, settings: K6Settings, environment: Mapping[str, str], verify: bool | str = True) -> None:
        self._settings = settings
        self._verify = verify
        kept = {name: value for name, value in without_tokens(environment).items() if name not in _REPLACED}
        self._load = {name: kept.pop(name) for name in _LOADS if name in kept}
        self._environment = kept

    @cached_property
    def path(self) -> str:
        """Where k6 is. UsageError where it is not, is not k6, or is too old."""
        wanted = self._settings.path or "k6"
        found = shutil.which(wanted, path=self._environment.get("PATH"))
        if found is None:
            raise UsageError(f"k6 scripts are played by k6, and there is no {wanted} on this machine", _INSTALL)
        self._check(found)
        return found

    @cached_property
    def version(self) -> str:
        """Like "1.8.1"; "" where k6 does not say."""
        match = _VERSION.search(self._said([self.path, "version"]))
        return match[0].removeprefix("v") if match else ""

    @property
    def says_load(self) -> bool:
        """Whether the environment says how long scripts are played, whatever they say themselves."""
        return any(name != "K6_VUS" for name in self._load)

    @property
    def keeps_summary(self) -> bool:
        """Whether k6 is to write a summary of its own, of each round."""
        return _KEPT_SUMMARY in self._environment

    def environment(self, url: str) -> dict[str, str]:
        """The variables of a k6 that is to load `url`."""
        variables = {**self._environment, BASE_URL: url}
        if self._settings.url_variable:
            variables[self._settings.url_variable] = url
        if self._verify is False:
            variables["K6_INSECURE_SKIP_TLS_VERIFY"] = "true"
        elif isinstance(self._verify, str):
            variables["SSL_CERT_FILE"] = self._verify  # as Go's crypto/x509 reads it
        if any(name.lower() in _PROXIES for name in variables):
            _go_straight_to(url, variables)
        return variables

    def hook_environment(self, url: str) -> dict[str, str]:
        """The same for setup and teardown, which have a summary of their own."""
        kept = {name: value for name, value in self.environment(url).items() if name not in _SUMMARIES}
        return {**kept, **_BEGINS}

    def round_environment(self, url: str) -> dict[str, str]:
        """The same for a round."""
        variables = {**self.environment(url), **_BEGINS}
        variables.pop(_SETUP_TIMEOUT, None)
        if not self.keeps_summary:
            variables[_NO_SUMMARY] = "true"  # k6 need not count what is counted here
        return variables

    def inspect(self, arguments: Sequence[str]) -> dict[str, Any]:
        """A script's options, as `k6 inspect` reads them. InspectError where there is a mistake in it.

        MistakeError where k6 knows an option not at all, and one that is written almost like it.
        """
        # k6 shows them the system's variables in `run` by itself, here it is asked to.
        command = [self.path, "inspect", "--include-system-env-vars", "--log-format", "json", *arguments]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=_INSPECT_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
                env={**self.environment(SOME_TARGET), **self._load},
            )
        except subprocess.TimeoutExpired:
            message = f"k6 did not come to the end of it within {_INSPECT_SECONDS:.0f} s"
            raise InspectError(message) from None
        if done.returncode:
            raise InspectError(done.stderr)
        options: dict[str, Any] = json.loads(done.stdout)
        unknown = _UNKNOWN_OPTION.search(done.stderr)
        if unknown is not None and (meant := nearest(unknown[1], options)):
            raise MistakeError(f"k6 knows no option {unknown[1]!r}", f"did you mean {meant}?")
        return options

    def _check(self, path: str) -> None:
        said = self._said([path, "version"])
        match = _VERSION.search(said)
        if not said.startswith("k6") or match is None:
            raise UsageError(f"{path} is not k6: asked for its version it says {said[:80]!r}", _INSTALL)
        if (int(match[1]), int(match[2])) < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise UsageError(f"{path} is k6 {match[0].removeprefix('v')}; it takes {oldest} or newer", _INSTALL)

    def _said(self, command: Sequence[str]) -> str:
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_INSPECT_SECONDS, check=False, env=self._environment
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"{command[0]} cannot be started: {error}", _INSTALL) from None
        return done.stdout.strip() or done.stderr.strip()


def _go_straight_to(url: str, variables: dict[str, str]) -> None:
    """Have k6 use its proxies for everything but the target."""
    host = urlsplit(url).hostname or ""
    for name in ("NO_PROXY", "no_proxy"):
        variables[name] = ",".join(filter(None, (variables.get(name, ""), host)))
