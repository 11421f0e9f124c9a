"""Base models from the Hub: looked up, pinned to a commit, downloaded without code or pickles."""

import re
from pathlib import Path

from ml_intern.hub.access import HubAccess
from ml_intern.records.errors import InternError, UsageProblem

HUB_ID = re.compile(r"^[A-Za-z0-9][\w.-]{0,95}/[\w][\w.-]{0,95}(@[\w./-]{1,100})?$")
WANTED = ["*.safetensors", "*.json", "vocab.txt", "merges.txt", "*.model", "README.md"]
UNWANTED = ["onnx/*", "openvino/*", "*/*.safetensors", "checkpoint-*/*"]
TIMEOUT = 10.0
"""Seconds for the first answer of the Hub."""


class HubUnreachable(InternError):
    """The Hub does not answer, or its client is not installed."""


def is_hub_id(name: str) -> bool:
    """Whether `name` looks like `owner/name`, perhaps with `@revision`."""
    return HUB_ID.match(name) is not None


def download_model(name: str, folder: Path, access: HubAccess) -> tuple[Path, str, str]:
    """Fetch `owner/name[@revision]` into a folder of its own below `folder`.

    Returns the folder, the commit, and the Hub that it came from: the one of `access`, or, where that is our
    own and lacks the model, the public one, which is asked without a token. Only configuration, tokenizer,
    card and safetensors weights are fetched.

    Raises:
        UsageProblem: there is no such model or revision, or it may not be read.
        HubUnreachable: the Hub could not be asked.
    """
    try:
        import httpx2
        from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled, RepositoryNotFoundError
    except ImportError as error:
        raise HubUnreachable(
            "The Hub's client is not installed.", "Install it with: pip install 'ml-intern[local]'"
        ) from error
    repo, _, revision = name.partition("@")
    try:
        source = access.holding("model", repo)
        api = source.api
        commit = api.model_info(repo, revision=revision or None, timeout=TIMEOUT).sha
        assert commit is not None  # the Hub always tells it
        target = folder / f"{repo.replace('/', '--')}--{commit[:12]}"
        api.snapshot_download(
            repo, revision=commit, local_dir=target, allow_patterns=WANTED, ignore_patterns=UNWANTED
        )
    except RepositoryNotFoundError as error:
        raise UsageProblem(
            f"The Hub has no model {repo}, or you may not read it.",
            "Check the name; for a private or gated model set HF_TOKEN.",
        ) from error
    except HfHubHTTPError as error:
        raise UsageProblem(
            f"The Hub would not give {name}: {error.server_message or error}",
            "Check the name and the revision, or use a local folder.",
        ) from error
    except (httpx2.HTTPError, OfflineModeIsEnabled, OSError) as error:
        raise HubUnreachable(
            f"The base model {name} cannot be had: the Hub does not answer ({type(error).__name__}).",
            "Try again with a network, or name a local folder with --base-model FOLDER.",
        ) from error
    return target, commit, source.place
