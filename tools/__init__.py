"""What builds the repository's documents; no part of the package."""
