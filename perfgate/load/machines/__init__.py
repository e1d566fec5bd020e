"""Many machines: our scenarios as Locust users on our wire, under Locust's master and workers.

engine (in the gate's process) <- JSON lines -> master (Locust's MasterRunner, in a process of its own) <- Locust's
messages, over the network -> machine (Locust's WorkerRunner, started by `lending` for `perfgate worker`), where seats
let Locust's users run what our executor hands out. words are what master and machines say to each other; roster is who
takes part.

Locust spawns and counts the users, moves them when a machine comes or goes, and misses who falls silent. Nothing of it
is imported outside of the two child processes: Locust patches the process that imports it.
"""
