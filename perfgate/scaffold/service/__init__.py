"""How the service is started: dockerfiles and compose read, beyond tells what of a compose file takes Compose, images
knows what is none, container and finding choose. commands has an example where there is no container.

The rest of the scaffold takes Container (container), FoundService and find_service (finding), ComposeService,
composed_services and pointed (compose), read_dockerfile (dockerfiles), example_command (commands).
"""
