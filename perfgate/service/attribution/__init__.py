"""Attribution: what belongs to a service though nobody named it, found by what it is connected to.

`attribution` watches all sides of a measurement; `search` goes from their sockets (`socket_tables`, `networks`,
`holders`) to `found_dependency`, which reads what it uses; `program_names` has its name, and `pinning` keeps it off the
generator's CPUs. `forwarders` are the proxies before containers. `listener` finds the service itself behind a URL.
"""
