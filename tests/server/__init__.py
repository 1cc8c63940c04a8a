"""A server that speaks W&B's read API over HTTP, with contents that a test makes and faults that it asks for."""

from tests.server.contents import Contents, ProjectContents, RunContents
from tests.server.server import Request, TestServer

__all__ = ["Contents", "ProjectContents", "Request", "RunContents", "TestServer"]
