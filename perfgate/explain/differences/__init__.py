"""What else differs between base and head: packages, images, runtimes, environment, commands, limits and settings.

`facts` are what is known of a side, a sheet for each place; `comparing` makes a `Difference` of each fact that is known
on both sides and is not the same, and `showing` and `passwords` say what nobody may see. The facts come from files that
both commits have (`tree`, with a reader for each kind in `files` and `packages`), from processes (`processes`,
`executables`, `installed`) and from what Docker says of containers (`containers`).

Others take `facts`, `difference`, `own_values`, `comparing.compare`, `tree.tree_facts`, `processes.process_facts` and
`containers.container_facts`.
"""
