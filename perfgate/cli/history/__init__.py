"""`perfgate history`: a group of commands around the history file."""

from perfgate.cli.history.commands import history

__all__ = ["history"]
