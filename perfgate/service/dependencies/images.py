"""The stack of a service whose image is there: of an `image:` target, or of a commit."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from perfgate.service.dependencies.ground import Ground
from perfgate.service.dependencies.stack import open_stack
from perfgate.service.own_service import OwnService
from perfgate.service.owner import this_process
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.service.target import Target

if TYPE_CHECKING:
    from perfgate.service.containers.container import ContainerInstance


def needs_folder(settings: ServiceSettings) -> bool:
    """Whether something beside the service is run in its side's tree."""
    beside = settings.seed or settings.teardown or isinstance(settings.reset, tuple)
    return bool(beside) or any(one.command or isinstance(one.ready, tuple) for one in settings.dependencies)


def image_ground(name: str, target: Target, context: LaunchContext) -> Ground:
    """The ground of instances of an image, in the working folder. {sha} is the image's hash."""
    from perfgate.service.containers.container import look_at

    facts = look_at(name, target, context)
    mark = f"perfgate-{this_process()}-{secrets.token_hex(4)}"
    return Ground(target.text, context.folder, facts.id, mark, in_container=True, port=lambda: facts.port)


def open_image_stack(
    name: str, target: Target, ground: Ground, context: LaunchContext, clear: Callable[[], None] = lambda: None
) -> OwnService:
    """The service in containers of the image `name`, ready for load. The extra `docker` is there."""
    from perfgate.service.containers.container import open_image

    start: Callable[[LaunchContext], ContainerInstance] = partial(open_image, name, target)
    return open_stack(ground, context, start, clear)
