"""Makes scenarios of k6 scripts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from perfgate.errors import MistakeError, Problem
from perfgate.load.k6.inspect_errors import problems_of
from perfgate.load.k6.launcher import InspectError, Launcher
from perfgate.load.k6.options import read_profile, read_settings, read_thresholds
from perfgate.load.k6.script import ENGINE, K6Script
from perfgate.load.k6.wrapper import exports_wrapper
from perfgate.scenario.script import LoadedFile
from perfgate.scenario.source import place

_SUFFIXES = (".js", ".mjs", ".cjs", ".ts")


class K6Reader:
    """A script is one scenario, called like its file; its k6 scenarios are played side by side, as it says."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher

    def knows(self, file: Path) -> bool:
        return file.suffix in _SUFFIXES and not file.name.endswith(".d.ts")

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

    def _script(self, file: Path, options: dict[str, Any]) -> K6Script:
        return K6Script(
            name=file.stem,
            engine=ENGINE,
            profile=read_profile(options),
            thresholds=read_thresholds(options),
            file=file,
            line=1,
            settings=read_settings(options),
            exports=self._exports(file),
        )

    def _exports(self, file: Path) -> frozenset[str]:
        """The functions that a script exports, as a module that imports it sees them."""
        with tempfile.TemporaryDirectory(prefix="perfgate-") as folder:
            wrapper = Path(folder) / "exports.js"
            wrapper.write_text(exports_wrapper(file), encoding="utf-8")
            try:
                options = self._launcher.inspect([str(wrapper)])
            except InspectError as error:
                message = problems_of(file, error.log)[0].message
                raise MistakeError(message, "make it a module that others can import") from None
        return frozenset(options["ext"]["perfgate"])
