"""What the service needs to run: databases, caches and brokers, and the migrations that fill them.

The rest of the scaffold takes Needs and find_needs (finding), ProposedDependency (proposed) and Migration (migrations).
Inside, kinds knows the databases; images, variables, properties and manifests collect what the repository says of them,
and own_migrations what the service does itself.
"""
