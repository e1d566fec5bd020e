"""Commits of this repository as services: `ref:` targets and `worktree`, looked up first, started as `[service]` says.

`refs` is the entrance for others: `look_up` and `look_up_sides` (no start) and `open_commit`. It finds the commit
(`commit`), or takes the checkout as it stands (`snapshot`), checks it out in a work tree (`worktree`; `side_tree` adds
files that git does not keep), and starts its command (`command`), a container of its image (`build`), or its
compose file (`compose`); `named_file` says whether a commit has the file that this takes.
"""
