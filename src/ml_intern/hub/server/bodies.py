"""What requests say in their bodies; whatever does not fit is refused before anything is done with it."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from ml_intern.hub.server.context import body_of
from ml_intern.hub.server.refusals import Refused

Kind = Literal["model", "dataset", "space"]
LARGEST = 200 << 30
"""Bytes of one file."""
B = TypeVar("B", bound="Body")
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Body(BaseModel):
    """What we do not know is ignored: clients grow."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Named(Body):
    """Which repository to make or delete."""

    name: str
    organization: str | None = None
    type: Kind | None = None
    private: bool | None = None
    visibility: Literal["public", "private"] | None = None
    sdk: Literal["gradio", "streamlit", "docker", "static"] | None = None


class Moved(Body):
    """Both as owner/name."""

    fromRepo: str
    toRepo: str
    type: Kind | None = None


class Settings(Body):
    """What is left out stays as it is."""

    visibility: Literal["public", "private"] | None = None
    private: bool | None = None
    gated: Literal["auto", "manual", False] | None = None


class Card(Body):
    """A README's text."""

    content: str = ""


class Branched(Body):
    """Where a branch starts."""

    startingPoint: str | None = None


class Tagged(Body):
    """What a tag is called."""

    tag: str
    message: str | None = None


class Announced(Body):
    """A file to come: bytes, and the first of them in base64."""

    path: str
    size: Annotated[int, Field(ge=0, le=LARGEST)] = 0
    sample: str = ""


class Preupload(Body):
    """The files to come."""

    files: list[Announced] = []


class LfsObject(Body):
    """A content by its hash, with its bytes."""

    oid: Sha256
    size: Annotated[int, Field(gt=0, le=LARGEST)]


class Batch(Body):
    """Which contents are to be sent or fetched, and how the client can do it."""

    operation: Literal["upload", "download"]
    transfers: list[str] = []
    objects: list[LfsObject] = []


class Header(Body):
    """The first line of a commit."""

    summary: str = "Update"
    description: str | None = None
    parentCommit: str | None = None


class FileLine(Body):
    """A small file with its content."""

    path: str
    content: str
    encoding: Literal["base64", "utf-8"] = "utf-8"


class LfsLine(Body):
    """A large file whose content was sent before."""

    path: str
    oid: Sha256


class PathLine(Body):
    """What is to go."""

    path: str


class Volume(Body):
    """Files that a job sees at `mountPath`: of a repository, or a bucket that it may write to."""

    type: Literal["bucket", "model", "dataset", "space"]
    source: str
    mountPath: Annotated[str, Field(pattern=r"^(/[\w-][\w.-]*){1,4}$", max_length=200)]
    revision: str | None = None
    readOnly: bool | None = None
    path: str | None = None


class Job(Body):
    """What a job runs, and for how long at most. `timeoutSeconds` has a default on the public Hub, too."""

    command: Annotated[list[str], Field(min_length=1, max_length=1000)]
    arguments: list[str] = []
    environment: dict[str, str] = {}
    secrets: dict[str, str] = {}
    flavor: str
    dockerImage: str | None = None
    spaceId: str | None = None
    timeoutSeconds: Annotated[int, Field(ge=1, le=30 * 86_400)] = 1_800
    attempts: Literal[1] | None = None
    labels: dict[str, str] = {}
    volumes: list[Volume] = []


class Paths(Body):
    """What is asked about."""

    paths: list[str] = []
    expand: bool = False


async def read_body(request: Request, kind: type[B]) -> B:
    """The request's body.

    Raises:
        Refused: it does not fit.
    """
    return parse(await body_of(request) or b"{}", kind)


def parse(said: bytes, kind: type[B]) -> B:
    """JSON as a body.

    Raises:
        Refused: it does not fit.
    """
    try:
        return kind.model_validate_json(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Refused(400, f"The request does not fit: {where}: {first['msg']}"[:300]) from error
