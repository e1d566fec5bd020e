"""Opening of targets: the way from a target to a service whose URL answers."""

from __future__ import annotations

import sys
from functools import partial

from perfgate.errors import TargetError
from perfgate.petstore.injections import Injections
from perfgate.service.commits.refs import look_up, open_commit
from perfgate.service.containers.sdk import require_docker_sdk
from perfgate.service.dependencies.images import image_ground, open_image_stack
from perfgate.service.dependencies.teardowns import run_abandoned
from perfgate.service.own_service import OwnService
from perfgate.service.processes.process import ServiceProcess
from perfgate.service.service import Service
from perfgate.service.settings import LaunchContext
from perfgate.service.target import (
    CommitTarget,
    ImageTarget,
    PetstoreTarget,
    RefTarget,
    Target,
    UrlTarget,
    WorktreeTarget,
)
from perfgate.service.url import open_url
from perfgate.units import format_seconds

# The settings, ready_timeout among them, are not about the petstore.
_PETSTORE_SECONDS = 30.0


def open_target(target: Target, context: LaunchContext) -> Service:
    """The service behind `target`, ready for load.

    TargetError where it does not become ready, with the last answer or the last lines of the service's log.
    """
    if isinstance(target, PetstoreTarget):
        return OwnService(partial(_open_petstore, target.injections, context))
    run_abandoned(context)
    if isinstance(target, UrlTarget):
        return open_url(target, context)
    if isinstance(target, CommitTarget):
        return open_commit(target, context)
    if isinstance(target, (RefTarget, WorktreeTarget)):
        return open_target(look_up(target, context), context)
    if isinstance(target, ImageTarget):
        require_docker_sdk()
        return open_image_stack(target.name, target, image_ground(target.name, target, context), context)
    raise AssertionError(f"nothing opens {target}")


def _open_petstore(injections: Injections, context: LaunchContext) -> ServiceProcess:
    options = [f"--{name}={value}" for name, value in injections.options().items()]
    process = ServiceProcess([sys.executable, "-m", "perfgate.petstore", "--lifeline", *options], context.cpus)
    # It prints its URL when it has begun to listen: there is nothing to wait for after that.
    try:
        process.url = process.read_line(_PETSTORE_SECONDS)
    except BaseException:
        process.stop()
        raise
    if not process.url:
        process.stop()
        last_words = process.logs() or "it wrote nothing"
        raise TargetError(f"the petstore did not start within {format_seconds(_PETSTORE_SECONDS)}:\n{last_words}")
    return process
