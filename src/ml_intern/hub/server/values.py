"""What the Hub is made of, as values: repositories, commits with their files, and who asks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

MAIN = "main"


@dataclass(frozen=True)
class Entry:
    """A file of a commit: its content's SHA-256, bytes, git's own hash, and whether it came over LFS."""

    sha256: str
    size: int
    git_oid: str
    lfs: bool

    @property
    def etag(self) -> str:
        """What names this content to clients."""
        return self.sha256 if self.lfs else self.git_oid


@dataclass(frozen=True)
class Repo:
    """A repository. `refs` maps "heads/NAME" and "tags/NAME" to commits; `gated`: "auto", "manual" or ""."""

    kind: str
    owner: str
    name: str
    private: bool
    gated: str
    sdk: str | None
    created: str
    downloads: int
    refs: dict[str, str]

    @property
    def id(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"

    @property
    def head(self) -> str:
        """The commit of the main branch."""
        return self.refs[f"heads/{MAIN}"]

    def commit(self, revision: str) -> str | None:
        """The commit of a branch or tag, or None where there is none."""
        return self.refs.get(f"heads/{revision}") or self.refs.get(f"tags/{revision}")


@dataclass(frozen=True)
class Commit:
    """A commit with all its files. `date` is ISO 8601 in UTC."""

    oid: str
    parent: str | None
    title: str
    message: str
    author: str
    date: str
    tree: dict[str, Entry] = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Who asks. `role` is "read", "write", or "admin", who works on this machine and owns all of it."""

    user: str
    role: str

    def owns(self, owner: str) -> bool:
        """Whether what belongs to `owner` is theirs."""
        return self.user == owner or self.role == "admin"


@dataclass(frozen=True)
class TokenNote:
    """What is kept of a token: the first figures of its hash, whose it is, what it may do, since when."""

    id: str
    user: str
    role: str
    created: str


def now() -> str:
    """The current time as the Hub writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
