"""The process of a service."""

from __future__ import annotations

from perfgate.service.dependencies.stack_instance import StackInstance
from perfgate.service.own_service import OwnService
from perfgate.service.processes.process import ServiceProcess


def pid_of(service: OwnService) -> int:
    """The process id of the instance that runs now."""
    instance = service.instance
    process = instance.service if isinstance(instance, StackInstance) else instance
    assert isinstance(process, ServiceProcess)
    return process.pid
