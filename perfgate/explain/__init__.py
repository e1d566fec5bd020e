"""Why head is slower: profiles of both sides, folded into the functions whose time rose beyond chance.

`profilers` record the stacks of a service while it is under load, `folded` reads what they print, and files have the
same names on both sides by `own_trees`, and those of the repository by `installed_copies`. `origin` says which function
each sample is charged to, `counts` what such counts prove, `rise` which functions rose, `changes` what the commits
changed, and `causes` makes a `Cause` of each. `queries` tells which queries run oftener or take longer, and `rows`,
from the comparison, where to look. `differences` are what else is not the same on both sides: packages, images,
runtimes and their like.

Other rooms take `cause`, `causes`, `changes`, `installed_copies`, `pairs`, `profile`, `queries`, `rise`, `rows`,
`settings`, `subject`, and of `profilers` the modules `choice`, `command`, `postgres`, `processes`, `profiler` and
`program`; of `differences` what its docstring names.
"""
