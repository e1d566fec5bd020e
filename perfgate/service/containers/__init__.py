"""Containers of the Docker Engine: started from an image, built for a commit, or found behind a URL.

The only place that imports the Docker SDK, an extra. `sdk` says whether it is installed, and may always be imported;
all others are imported late, by functions. `container`, `image_build`, `engine.connect` and `external_container` are
for the package above, `other_containers` for everybody. The rest stays in here: `usage` over `cgroup` and
`memory_peak`, `watched_container`, `cpuset_override`, and `sweep` for what a killed perfgate left. `own_network`
refuses what a perfgate in a container could not reach.
"""
