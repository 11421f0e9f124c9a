"""Which Hub a process works with, and its token, which goes nowhere else."""

import getpass
import ipaddress
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ml_intern.records.display import example
from ml_intern.records.errors import UsageProblem

if TYPE_CHECKING:
    from huggingface_hub import HfApi  # a second to import

    from ml_intern.ports.backend import Backend

PUBLIC: Final = "https://huggingface.co"
WHO_WE_ARE: Final = "/api/ml-intern-hub"
"""The address by which an embedded Hub is known."""
FOLDER: Final = "hub"
"""The embedded Hub's folder in ours."""


@dataclass(frozen=True)
class HubAccess:
    """An endpoint with the token for it. `embedded`: it is our own, for as long as we run."""

    endpoint: str
    token: str | None = field(repr=False)
    embedded: bool

    @property
    def api(self) -> "HfApi":
        """The official client, over plain LFS. Where we have no token it must not go and look for one."""
        from huggingface_hub import HfApi, constants
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()  # they would tear our own lines
        constants.HF_HUB_DISABLE_XET = True  # the variable of this name was read when it was imported
        return HfApi(endpoint=self.endpoint, token=self.token or False)

    @property
    def place(self) -> str:
        """This Hub as people call it."""
        if self.embedded:
            return "the embedded Hub"
        return "the Hugging Face Hub" if self.endpoint == PUBLIC else f"the Hub at {self.endpoint}"

    def is_ours(self) -> bool:
        """Whether this is an embedded Hub, in this process or served by another one."""
        if self.embedded or self.endpoint == PUBLIC:
            return self.embedded
        import httpx2
        from huggingface_hub import get_session

        try:
            answer = get_session().get(f"{self.endpoint}{WHO_WE_ARE}", timeout=10.0)
            return answer.status_code == 200 and answer.json().get("hub") == "ml-intern"
        except (httpx2.HTTPError, ValueError, AttributeError):
            return False

    def knock(self) -> None:
        """See at once whether the Hub answers: the client's lists ask again for half a minute.

        Raises:
            httpx2.HTTPError: it does not.
        """
        from huggingface_hub import get_session

        get_session().get(f"{self.endpoint}/api/models?limit=1", timeout=10.0)

    def holding(self, kind: str, repo: str, public: str = PUBLIC) -> "HubAccess":
        """The Hub that has a repository: this one, or the public one where this is our own and lacks it.

        The public Hub is asked without a token.
        """
        if self.embedded and not self.api.repo_exists(repo, repo_type=kind):
            return HubAccess(public, None, embedded=False)
        return self

    def environment(self, cache: Path) -> dict[str, str]:
        """What the clients in a child process need to use this Hub, with a cache of their own."""
        found = {"HF_ENDPOINT": self.endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(cache)}
        return found | ({"HF_TOKEN": self.token} if self.token else {})


def is_configured() -> bool:
    """Whether the user has named an endpoint or has a token for the public Hub."""
    return bool(os.environ.get("HF_ENDPOINT") or _token())


@contextmanager
def open_hub(home: Path, runner: "Callable[[], Backend] | None" = None) -> Iterator[HubAccess]:
    """The Hub to work with: `$HF_ENDPOINT`; with a token, the public one; else our own in `home`.

    `runner` opens what runs the jobs of our own; without it there are none.

    Raises:
        UsageProblem: the endpoint would carry the token unencrypted over a network.
    """
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/")
    if endpoint:
        _check(endpoint)
        # A token that the client keeps is for the public Hub: another one gets only what is set beside it.
        token = _token() if endpoint == PUBLIC else os.environ.get("HF_TOKEN")
        yield HubAccess(endpoint, token, embedded=False)
        return
    if token := _token():
        yield HubAccess(PUBLIC, token, embedded=False)
        return
    from ml_intern.hub.server.app import open_hub_folder
    from ml_intern.hub.server.serve import served

    hub = open_hub_folder(home / FOLDER, runner=runner() if runner else None)
    token = hub.catalogue.new_token(local_user(), "admin")
    try:
        with served(hub) as url:
            yield HubAccess(url, token, embedded=True)
    finally:
        hub.catalogue.revoke(token)
        hub.catalogue.close()


def local_user() -> str:
    """Who works on this machine, as a name on the Hub."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # no such user, as in some containers
        name = ""
    return re.sub(r"[^A-Za-z0-9-]", "-", name).strip("-")[:40] or "local"


def _token() -> str | None:
    """The token for the public Hub: from the environment, or kept by the official client."""
    if (found := os.environ.get("HF_TOKEN", "").strip()) or os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN"):
        return found or None
    place = Path(
        os.environ.get("HF_TOKEN_PATH") or Path(os.environ.get("HF_HOME", "~/.cache/huggingface")) / "token"
    )
    try:
        return place.expanduser().read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _check(endpoint: str) -> None:
    """Within a private network plain HTTP is the owner's choice; across the internet it is a leak."""
    parts = urlsplit(endpoint)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not parts.hostname:
        raise UsageProblem(
            f"HF_ENDPOINT={example(endpoint)} is no address.", "Write it like https://hub.example."
        )
    if os.environ.get("HF_TOKEN") and not _is_private(parts.hostname):
        raise UsageProblem(
            f"HF_ENDPOINT={example(endpoint)} would carry your token unencrypted over the internet.",
            "Use https, or a tunnel to an address of this machine.",
        )


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))
