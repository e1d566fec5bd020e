"""The scaffold: what `perfgate init` finds out about a repository, and the files that it proposes for it.

repository asks git; service/ finds how the service is started, openapi/ what it is asked; scenario_file (with
python_text), configuration and workflows render; proposal puts all of it together and leaves existing files alone.
Nothing here prints, and only proposal writes.

Other rooms take find_repository (repository), Container (service/container) and FoundService (service/finding), HOST
and environment_of (configuration), and propose, write, CONFIGURATION, Proposal and ProposedFile (proposal).
"""
