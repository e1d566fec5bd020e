"""What `perfgate init` finds out about a repository, and the files that it proposes for it.

repository is what git says; containers reads Dockerfiles and compose files; openapi and examples make requests of a
description of the interface; scenario_file, configuration and workflows render; proposal puts all of it together and
knows what is there already. Nothing here prints, and only proposal writes.
"""
