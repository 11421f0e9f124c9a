"""Refusals in the words and headers that the Hub's clients look for."""

from starlette.responses import JSONResponse, Response


class Refused(Exception):
    """A request that is answered with `status`; `code` is what clients tell apart by `X-Error-Code`."""

    def __init__(self, status: int, message: str, code: str = "", **body: object) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.body = status, message, code, body

    def response(self) -> Response:
        """The answer."""
        plain = self.message.encode("ascii", "replace").decode()
        headers = {"X-Error-Message": "".join(each if each.isprintable() else "?" for each in plain)}
        if self.code:
            headers["X-Error-Code"] = self.code
        return JSONResponse({"error": self.message, **self.body}, self.status, headers)


def no_repo() -> Refused:
    """There is no such repository, or the caller may not know of it: both look the same."""
    return Refused(404, "Repository not found", "RepoNotFound")


def no_entry(path: str) -> Refused:
    """The repository has no such file."""
    return Refused(404, f"Entry not found: {path}", "EntryNotFound")


def no_revision(revision: str) -> Refused:
    """The repository has no such branch, tag or commit."""
    return Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")
