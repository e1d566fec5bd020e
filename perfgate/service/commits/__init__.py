"""Commits of this repository as services: `ref:` targets, looked up first and started as `[service]` says.

`refs` is the entrance for others: `look_up` (no start) and `open_commit`. It finds the commit (`commit`), checks it out
in a work tree (`worktree`), and starts its command (`command`), or a container of its image (`build`).
"""
