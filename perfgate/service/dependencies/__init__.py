"""Stacks: the dependencies of a service that perfgate.toml names, a set of its own for each side and instance.

`stack` is the entrance: `open_stack` gives a service whose every instance has its dependencies beside it. They are started
in their order, each ready before the next (`command_dependency`, `shared_dependency`, and containers in `containers`);
`seeding` fills them, `snapshots` keeps what was filled in, and `teardowns` remembers what has yet to be cleared away.
"""
