"""Stacks: the dependencies of a service that perfgate.toml names, a set of its own for each side and instance.

`stack` is the entrance, and `images` for services in containers: they give a service whose every instance has its
dependencies around it. `standing` is what stands around one instance: dependencies, started in their order, each ready
before the next (`command_dependency`, `container_dependency`, `shared_dependency`; `running` is what all of them are),
the seed, and the teardown, which `teardowns` remembers until it has run.
"""
