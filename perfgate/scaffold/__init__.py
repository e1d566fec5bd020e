"""The scaffold: what `perfgate init` finds out about a repository, and the files that it proposes for it.

repository asks git; dockerfiles and compose read, containers chooses the service; openapi, references, harm, examples
and plain_values make requests of a description of the interface; scenario_file, configuration and workflows render;
proposal puts all of it together and leaves existing files alone. Nothing here prints, and only proposal writes.

Other rooms take find_repository (repository), Container and FoundService (containers), HOST and environment_of
(configuration), and propose, write, CONFIGURATION, Proposal and ProposedFile (proposal).
"""
