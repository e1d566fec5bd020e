"""What the service needs to run: databases, caches and brokers, and the migrations that fill them.

The rest of the scaffold takes Needs, ProposedDependency and find_needs (finding) and Migration (migrations). Inside,
kinds knows the databases; images, variables and manifests collect what the repository says of them.
"""
