"""Which hosts each research tool may ask, and how the environment puts mirrors in their place.

Where a mirror is set, the public hosts are not asked at all: behind it may be a network that wants no such
request.
"""

import os
from typing import Final
from urllib.parse import urlsplit

from ml_intern.records.display import example
from ml_intern.records.errors import UsageProblem
from ml_intern.research.web import Credential, Site, is_loopback, listed

ARXIV: Final = "ML_INTERN_ARXIV_ENDPOINT"
GITHUB: Final = "ML_INTERN_GITHUB_ENDPOINT"
DOCS: Final = "ML_INTERN_DOCS_ENDPOINT"
TOKEN: Final = "GITHUB_TOKEN"
_ARXIV_API: Final = "https://export.arxiv.org"
_ARXIV_HTML: Final = ("https://arxiv.org/html", "https://ar5iv.labs.arxiv.org/html")
_GITHUB_API: Final = "https://api.github.com"
DOC_HOSTS: Final = (
    "huggingface.co/docs",
    "docs.pytorch.org",
    "scikit-learn.org",
    "docs.python.org",
    "numpy.org",
    "docs.scipy.org",
    "pandas.pydata.org",
    "docs.pola.rs",
    "arrow.apache.org",
    "docs.github.com",
    "*.readthedocs.io",
)
"""Where documentation is; of huggingface.co only what is below /docs, as the rest has tools of its own."""


def arxiv() -> tuple[Site, str, tuple[str, ...]]:
    """What may be asked of arXiv, the address of its API, and those of papers as HTML, best first."""
    own = _endpoint(ARXIV)
    if own:
        return Site(own=(own,)), f"{own}/api/query", (f"{own}/html",)
    hosts = tuple(urlsplit(each).hostname or "" for each in (_ARXIV_API, *_ARXIV_HTML))
    return Site(hosts), f"{_ARXIV_API}/api/query", _ARXIV_HTML


def github() -> tuple[Site, str] | None:
    """GitHub's API with the token for it, and its address; None where there is no token."""
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        return None
    own = _endpoint(GITHUB)
    where = own or _GITHUB_API
    allowed = {"own": (own,)} if own else {"hosts": ("api.github.com",)}
    return Site(**allowed, credential=Credential(where, f"Bearer {token}")), where


def docs(url: str) -> tuple[Site, str]:
    """What may be asked for documentation, and the address to ask for `url`.

    A mirror has each page of these hosts at `MIRROR/HOST/PATH`.

    Raises:
        HostRefused: the page is not on one of the hosts.
    """
    parts = listed(Site(DOC_HOSTS), url)
    own = _endpoint(DOCS)
    if not own:
        return Site(DOC_HOSTS), url
    return Site(own=(own,)), f"{own}/{parts.hostname}{parts.path}"


def _endpoint(variable: str) -> str:
    """The address in the variable, empty where there is none.

    Raises:
        UsageProblem: it is none that may be asked.
    """
    stated = os.environ.get(variable, "").strip().rstrip("/")
    if not stated:
        return ""
    parts = urlsplit(stated)
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    ):
        return stated
    raise UsageProblem(
        f"{variable}={example(stated)} is no address that may be asked.",
        "Write it like https://mirror.example; http will do on this machine alone.",
    )
