"""Machines in one: network namespaces, joined by a bridge in that of the gate. Nothing outside of them is touched."""

import ctypes
import os
import subprocess
from contextlib import contextmanager

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_LIBC = ctypes.CDLL(None, use_errno=True)


class Network:
    """A gate at `address`, and machines 0, 1, ... that reach it and nothing else."""

    address = "10.77.0.1"

    def __init__(self, machines):
        self._prefix = f"pg{os.getpid()}"
        self._count = machines

    def __enter__(self):
        for name in self._names():
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        gate = self.name("gate")
        _ip("-n", gate, "link", "add", "bridge", "type", "bridge")
        _ip("-n", gate, "address", "add", f"{self.address}/24", "dev", "bridge")
        _ip("-n", gate, "link", "set", "bridge", "up")
        for number in range(self._count):
            machine = self.name(number)
            _ip("-n", gate, "link", "add", f"to{number}", "type", "veth", "peer", "name", "eth0", "netns", machine)
            _ip("-n", gate, "link", "set", f"to{number}", "master", "bridge", "up")
            _ip("-n", machine, "address", "add", f"10.77.0.{10 + number}/24", "dev", "eth0")
            _ip("-n", machine, "link", "set", "eth0", "up")
        return self

    def __exit__(self, *_):
        for name in self._names():
            _ip("netns", "delete", name)

    def name(self, machine):
        return f"{self._prefix}-{machine}"

    def _names(self):
        return [self.name("gate"), *map(self.name, range(self._count))]

    def cut(self, machine):
        """Take the machine's cable out."""
        _ip("-n", self.name("gate"), "link", "set", f"to{machine}", "down")

    def mend(self, machine):
        """Put it back."""
        _ip("-n", self.name("gate"), "link", "set", f"to{machine}", "up")

    def on(self, machine, command):
        """The command as it runs there."""
        return ["ip", "netns", "exec", self.name(machine), *command]

    @contextmanager
    def at_the_gate(self):
        """This thread, and whatever it starts, stands at the gate."""
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        gate = os.open(f"/run/netns/{self.name('gate')}", os.O_RDONLY)
        try:
            _enter(gate)
            yield
        finally:
            _enter(home)
            os.close(gate)
            os.close(home)


def _enter(network):
    if _LIBC.setns(network, _NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
