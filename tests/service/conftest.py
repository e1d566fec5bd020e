"""What these tests share: embedded petstores."""

from tests.support.petstores import open_petstore, petstore, session

__all__ = ["open_petstore", "petstore", "session"]
