"""The scaffold: what `perfgate init` finds out about a repository, and the files that it proposes for it.

repository asks git; containers reads Dockerfiles and compose files; openapi and examples make requests of a description
of the interface; scenario_file, configuration and workflows render; proposal puts all of it together and leaves
existing files alone. Nothing here prints, and only proposal writes.

Other rooms take find_repository (repository), and propose, write, Proposal and ProposedFile (proposal).
"""
