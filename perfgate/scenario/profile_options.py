"""The options of the load profile: the executor that they ask for, and whether it takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import partial
from typing import Any, get_args

from perfgate.errors import did_you_mean, nearest
from perfgate.scenario.profile import (
    EXECUTORS,
    Arrival,
    OpenProfile,
    Profile,
    RampingVUs,
    SharedIterations,
    Stage,
    StagedProfile,
)
from perfgate.scenario.raw_option import RawOption, read_choice, read_length, read_wait, read_whole

_STAGES_EXAMPLE = 'write stages=[("10s", 20), ("10s", 0)]'
_STAGE_KEYS = ("duration", "target")


def read_stages(option: RawOption) -> tuple[Stage, ...] | None:
    """Stages: dicts of duration and target as in k6, or pairs of them."""
    value = option.value
    if not isinstance(value, (list, tuple)) or not value:
        option.wrong(f"{option.label} is not a list of stages", _STAGES_EXAMPLE)
        return None
    stages = [_read_stage(option.within(number, item)) for number, item in enumerate(value)]
    return None if None in stages else tuple(stage for stage in stages if stage)


def _read_stage(option: RawOption) -> Stage | None:
    value = option.value
    if isinstance(value, (list, tuple)) and len(value) == len(_STAGE_KEYS):
        parts = {key: option.within(number, value[number], key) for number, key in enumerate(_STAGE_KEYS)}
    elif isinstance(value, Mapping):
        parts = {key: option.within(key, part, str(key)) for key, part in value.items()}
    else:
        option.wrong(f"{value!r} is not a stage", _STAGES_EXAMPLE)
        return None
    for key in [key for key in parts if key not in _STAGE_KEYS]:
        misnamed = parts.pop(key)
        misnamed.wrong(f"a stage has no {key!r}", did_you_mean(key, _STAGE_KEYS))
        parts.setdefault(nearest(key, _STAGE_KEYS) or "", misnamed)
    for key in [key for key in _STAGE_KEYS if key not in parts]:
        option.wrong(f"{value!r} has no {key}", 'write {"duration": "10s", "target": 20}')
    duration = read_wait(parts["duration"]) if "duration" in parts else None
    target = read_whole(parts["target"], 0) if "target" in parts else None
    return None if duration is None or target is None else Stage(duration, target)


_READERS: dict[str, Callable[[RawOption], Any]] = {
    "vus": partial(read_whole, minimum=1),
    "duration": read_length,
    "stages": read_stages,
    "iterations": partial(read_whole, minimum=1),
    "max_duration": read_length,
    "rate": partial(read_whole, minimum=1),
    "time_unit": read_length,
    "start_rate": partial(read_whole, minimum=0),
    "start_vus": partial(read_whole, minimum=0),
    "pre_allocated_vus": partial(read_whole, minimum=1),
    "max_vus": partial(read_whole, minimum=1),
    "arrival": partial(read_choice, known=get_args(Arrival), noun="arrival"),
    "graceful_stop": read_wait,
    "graceful_ramp_down": read_wait,
}

# An option without an executor says which one is meant; the first that is written decides.
_IMPLIES = {"stages": "ramping-vus", "rate": "constant-arrival-rate", "iterations": "shared-iterations"}

# The options probably meant by one that the executor does not take, where it takes one of these.
_INSTEAD = {
    "vus": ("start_vus", "pre_allocated_vus"),
    "duration": ("max_duration",),
    "max_duration": ("duration",),
    "rate": ("start_rate",),
    "start_rate": ("rate",),
    "start_vus": ("vus",),
}
_EXAMPLES = {
    "stages": _STAGES_EXAMPLE,
    "rate": "write rate=50",
    "duration": 'write duration="20s"',
    "pre_allocated_vus": "write pre_allocated_vus=20",
}


def read_profile(options: Mapping[str, RawOption]) -> Profile | None:
    """The load profile that these options ask for, among others that are none of its business; None after a mistake."""
    written = {name: options[name] for name in _READERS if name in options}
    chooser, executor = _choose_executor(options)
    if executor is None:
        for name, option in written.items():
            _READERS[name](option)
        return None
    taken = _taken_by(executor)
    for name in [name for name in written if name not in taken]:
        written[name].wrong(f"{_called(executor, chooser)} takes no {name}", _instead(name, executor, written))
    missing = [name for name, required in taken.items() if required and name not in written]
    for name in missing:
        options[chooser].wrong(f"{executor} needs {name}", _EXAMPLES[name])
    values = {name: _READERS[name](option) for name, option in written.items() if name in taken}
    if missing or None in values.values() or len(values) < len(written):
        return None
    profile = EXECUTORS[executor](**values)
    return profile if _is_sound(profile, written) else None


def _choose_executor(options: Mapping[str, RawOption]) -> tuple[str, str | None]:
    """The option that chooses the executor ("" for none), and the executor, None where there is no such one."""
    if "executor" in options:
        return "executor", read_choice(options["executor"], EXECUTORS, "executor")
    return next(((name, executor) for name, executor in _IMPLIES.items() if name in options), ("", "constant-vus"))


def _called(executor: str, chooser: str) -> str:
    return executor if chooser in ("executor", "") else f"{executor} (because of {chooser})"


def _taken_by(executor: str) -> dict[str, bool]:
    """The options that an executor takes, and whether it must have them."""
    return {field.name: field.default is MISSING for field in fields(EXECUTORS[executor])}


def _instead(name: str, executor: str, written: Mapping[str, RawOption]) -> str:
    taken = _taken_by(executor)
    for other in _INSTEAD.get(name, ()):
        if other in taken and other not in written:
            return f"write {other}"
    for other in EXECUTORS:
        if set(written) <= set(_taken_by(other)):
            return f'leave it out, or write executor="{other}"'
    return f"leave it out; {executor} takes {', '.join(taken)}"


def _is_sound(profile: Profile, written: Mapping[str, RawOption]) -> bool:
    """Whether the values agree with one another; notes it where they do not. The rules are k6's."""
    if isinstance(profile, SharedIterations) and profile.iterations < profile.vus:
        option = written.get("iterations", written["vus"])
        option.wrong(
            f"iterations={profile.iterations} is too few for {profile.vus} VUs",
            f"write iterations={profile.vus} or more",
        )
        return False
    if isinstance(profile, OpenProfile) and profile.vus_max < profile.pre_allocated_vus:
        written["max_vus"].wrong(
            f"max_vus={profile.max_vus} is less than pre_allocated_vus={profile.pre_allocated_vus}",
            f"write max_vus={profile.pre_allocated_vus} or more, or leave it out",
        )
        return False
    if isinstance(profile, StagedProfile):
        return _has_load(profile, written["stages"])
    return True


def _has_load(profile: StagedProfile, stages: RawOption) -> bool:
    start = profile.start_vus if isinstance(profile, RampingVUs) else profile.start_rate
    if not profile.duration:
        stages.wrong("the stages take no time at all", 'give one a duration, like ("10s", 20)')
    elif not max(start, *(stage.target for stage in profile.stages)):
        stages.wrong("the stages never ask for any load", 'give one a target above 0, like ("10s", 20)')
    else:
        return True
    return False
