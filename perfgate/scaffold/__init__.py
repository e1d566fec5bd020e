"""The scaffold: what `perfgate init` finds out about a repository, and the files that it proposes for it.

repository asks git; service/ finds how the service is started, dependencies/ what it needs beside it, openapi/ what it
is asked; scenario_file (with python_text), configuration and workflows render; proposal puts all of it together and
leaves existing files alone. Nothing here prints, and only proposal writes.

Other rooms take find_repository (repository), Container (service/container), FoundService (service/finding), Needs
(dependencies/finding), Login (openapi/login), HOST and environment_of (configuration), and propose, write,
CONFIGURATION, Proposal and ProposedFile (proposal).
"""
