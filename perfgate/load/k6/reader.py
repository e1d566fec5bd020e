"""Makes scenarios of k6 scripts."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from perfgate.errors import MistakeError, Problem
from perfgate.load.k6.inspect_errors import problems_of
from perfgate.load.k6.launcher import InspectError, Launcher
from perfgate.load.k6.neighbours import SUFFIXES
from perfgate.load.k6.options import read_profile, read_settings, read_thresholds, split_selector
from perfgate.load.k6.script import ENGINE, K6Script
from perfgate.load.k6.wrapper import exports_wrapper
from perfgate.metrics.catalogue import METRICS, Kind
from perfgate.scenario.script import LoadedFile
from perfgate.scenario.source import place

_KIND = re.compile(r"already exists but with type (counter|rate)")
_COUNTERS = ("http_reqs", "iterations", "dropped_iterations", "data_sent", "data_received")


class K6Reader:
    """A script is one scenario, called like its file; its k6 scenarios are played side by side, as it says."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher

    def knows(self, file: Path) -> bool:
        return file.suffix in SUFFIXES and not file.name.endswith(".d.ts")

    def read(self, file: Path) -> LoadedFile:
        if not file.is_file():
            return LoadedFile((), (Problem(place(file), "there is no such file", "mend the link"),))
        try:
            options = self._launcher.inspect(["--execution-requirements", str(file)])
            return LoadedFile((self._script(file, options),), ())
        except InspectError as error:
            return LoadedFile((), tuple(problems_of(file, error.log)))
        except MistakeError as error:
            return LoadedFile((), (Problem(place(file), error.message, error.hint),))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            message = f"k6 says of its options what cannot be read ({type(error).__name__}: {error})"
            return LoadedFile((), (Problem(place(file), message, "take a k6 that this perfgate knows"),))

    def _script(self, file: Path, options: dict[str, Any]) -> K6Script:
        thresholds = read_thresholds(options)
        found = self._looked_into(file, {split_selector(threshold.metric)[0] for threshold in thresholds})
        return K6Script(
            name=file.stem,
            engine=ENGINE,
            profile=read_profile(options),
            thresholds=thresholds,
            file=file,
            line=1,
            settings=read_settings(options),
            exports=frozenset(found["functions"]),
            counted=_counted(found["complaints"]),
            has_load=bool(found["loads"]) or self._launcher.says_load,
        )

    def _looked_into(self, file: Path, metrics: Collection[str]) -> dict[str, Any]:
        """What a module that imports the script sees of it: see exports_wrapper."""
        with tempfile.TemporaryDirectory(prefix="perfgate-") as folder:
            wrapper = Path(folder) / "exports.js"
            wrapper.write_text(exports_wrapper(file, metrics), encoding="utf-8")
            try:
                options = self._launcher.inspect([str(wrapper)])
            except InspectError as error:
                message = problems_of(file, error.log)[0].message
                raise MistakeError(message, "make it a module that others can import") from None
        found: dict[str, Any] = options["ext"]["perfgate"]
        return found


def _counted(complaints: dict[str, str]) -> dict[str, Kind]:
    """k6's own counters; counters and rates among metrics of which k6 says that they are no gauges."""
    found = dict.fromkeys(_COUNTERS, Kind.COUNTER)
    for metric, complaint in complaints.items():
        kind = _KIND.search(complaint)
        if kind is not None and metric not in METRICS:
            found[metric] = Kind(kind[1])
    return found
