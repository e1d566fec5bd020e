"""Repositories to begin with, and what perfgate init finds in them."""

import json
import subprocess

from perfgate.config.reading import load_config
from perfgate.git import checkout_of
from perfgate.scaffold.proposal import CONFIGURATION, write
from perfgate.scaffold.repository import find_repository

# The pet store as its authors would describe it: a server with a base path, references, examples, credentials.
PETSTORE = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example.com/api/v3/"}],
    "paths": {
        "/pet/{petId}": {
            "parameters": [{"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {},
        },
        "/pet/findByStatus": {
            "get": {
                "parameters": [
                    {"name": "status", "in": "query", "required": True, "schema": {"enum": ["available", "sold"]}}
                ]
            }
        },
        "/pet": {"post": {"requestBody": {"$ref": "#/components/requestBodies/Pet"}}},
        "/store/inventory": {"get": {}},
        "/store/order": {"post": {"security": [{"key": []}], "requestBody": {"content": {"application/json": {}}}}},
    },
    "components": {
        "requestBodies": {"Pet": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}},
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["name", "photoUrls"],
                "properties": {
                    "id": {"type": "integer", "format": "int64"},
                    "name": {"type": "string", "example": "doggie"},
                    "photoUrls": {"type": "array", "items": {"type": "string"}},
                    "born": {"type": "string", "format": "date"},
                    "parent": {"$ref": "#/components/schemas/Pet"},
                },
            }
        },
    },
}


def make_repository(folder, files, branch="main"):
    """A git repository with these files: {path: text, or a plain value for JSON}."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", f"--initial-branch={branch}")
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    git(folder, "add", ".")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "-m", "A")
    return folder


def found(folder, files, branch="main", say=print):
    """What perfgate init finds in such a repository."""
    checkout = checkout_of(make_repository(folder, files, branch), {"PATH": "/usr/local/bin:/usr/bin:/bin"})
    return find_repository(checkout, say)


def written(proposal):
    """A proposal, written into its repository, where perfgate reads the configuration that it has proposed."""
    folder = proposal.repository.folder
    write(folder, proposal.files)
    if CONFIGURATION not in proposal.left_alone:
        load_config(folder / CONFIGURATION)
    return proposal


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
