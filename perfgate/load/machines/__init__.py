"""Many machines: our scenarios as Locust users on our wire, under Locust's master and workers.

engine (in the gate's process) <- messages -> master (Locust's MasterRunner, in a process of its own) <- Locust's
messages, over the network -> machine (Locust's WorkerRunner, started by `join` for `perfgate worker`), where
locust_users lets Locust's users run what our executor hands out. protocol is what master and machines say to each
other; members are the machines that take part.

Locust spawns and counts the users, moves them when a machine comes or goes, and misses a machine that falls silent. It
is imported in the two child processes alone: Locust patches the process that imports it.

Others may take: engine, join, messages and protocol.
"""
