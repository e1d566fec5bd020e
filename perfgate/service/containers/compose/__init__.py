"""Compose projects: a stack out of a commit's compose file, one for each instance, started by `docker compose`.

`docker compose config` reads the file (`plain_file`); `selection` finds the service that takes the load and all that it
needs; `isolation` (with `mounts` and `health`) makes a file of it that may stand beside itself any number of times;
`images` builds or pulls; `project` is what the engine has of one project; `launch` starts it and makes an `instance` of
it. `command` drives `docker compose`. For the package above: `launch`.
"""
