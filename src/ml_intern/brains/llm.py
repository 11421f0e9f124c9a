"""Opening the models that a brain's name stands for. Keys come from the environment or the OS keyring."""

import os
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.providers import Provider, infer_provider_class

from ml_intern.brains.names import EXAMPLES, BrainName, is_loopback
from ml_intern.records.errors import UsageProblem

ROUTER: Final = "https://router.huggingface.co/v1"
"""Hugging Face's inference providers, which speak OpenAI's protocol."""
KEY: Final = "ML_INTERN_BRAIN_KEY"
"""The environment variable with the key for a brain that is named by its address."""
SERVICE: Final = "ml-intern"
"""The name under which the OS keyring keeps keys, one for each provider."""
TRIES: Final = 4
"""Retries of a request that was refused for now; the client waits as `Retry-After` says."""


def open_brain(names: tuple[BrainName, ...]) -> Model:
    """The model of these names; each next one is asked where the one before it cannot be had.

    Raises:
        UsageProblem: there is no such model, its package is not installed, or its key is missing or could
            be meant for several servers.
    """
    keyed = _keyed(names) if os.environ.get(KEY) else None
    models = [_open(name, keyed) for name in names]
    return models[0] if len(models) == 1 else FallbackModel(models[0], *models[1:])


def runs_here(model: Model) -> bool:
    """Whether all that is sent to `model` stays on this machine."""
    if isinstance(model, FallbackModel):
        return all(runs_here(each) for each in model.models)
    return is_loopback(urlsplit(model.base_url or "").hostname)


def _keyed(names: tuple[BrainName, ...]) -> str | None:
    """The one server that gets the key: the only one named by address, else the only one elsewhere.

    Raises:
        UsageProblem: several are elsewhere, and one of them would get the key of another.
    """
    servers = list(dict.fromkeys(_server(name.url) for name in names if name.url is not None))
    elsewhere = [each for each in servers if not is_loopback(urlsplit(each).hostname)]
    if len(elsewhere) > 1:
        raise UsageProblem(
            f"{KEY} is the key of one server, and several are named: {', '.join(elsewhere)}.",
            f"Name one of them, or unset {KEY} where none of them needs a key.",
        )
    return next(iter(servers if len(servers) == 1 else elsewhere), None)


def _server(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _open(name: BrainName, keyed: str | None) -> Model:
    try:
        if name.url is not None:
            key = os.environ.get(KEY) if _server(name.url) == keyed else None
            return _compatible("own-server", name.url, name.model, key)
        if name.provider == "huggingface":
            return _compatible("huggingface", ROUTER, name.model, _key("huggingface", "HF_TOKEN"))
        return infer_model(f"{name.provider}:{name.model}", provider_factory=_provider)
    except ImportError as error:
        raise UsageProblem(
            f"The client for the brain {name.text} is not installed.",
            f"Install it with: pip install 'ml-intern[llm]' 'pydantic-ai-slim[{name.provider or 'openai'}]'",
        ) from error
    except UserError as error:
        raise UsageProblem(f"The brain {name.text} cannot be had: {_short(error)}", EXAMPLES) from error
    except ValueError as error:
        raise UsageProblem(f"There is no brain {name.text!r}: {error}", EXAMPLES) from error


def _short(error: UserError) -> str:
    """The first sentence: what follows speaks to programmers."""
    return str(error).split(". ")[0].split("\n")[0].rstrip(".") + "."


def _provider(name: str) -> Provider[Any]:
    """The provider with its own environment variables, else with the key that the OS keyring keeps for it."""
    made: Any = infer_provider_class(name)
    settings: dict[str, Any] = {}
    try:
        opened: Provider[Any] = made()
    except UserError:
        key = _from_keyring(name)
        if key is None:
            raise
        settings["api_key"] = key  # every provider with a key takes it so
        opened = made(**settings)
    here = is_loopback(urlsplit(opened.base_url or "").hostname)
    return made(**settings, http_client=_client(opened.base_url)) if here else opened


def _key(provider: str, variable: str) -> str:
    key = os.environ.get(variable) or _from_keyring(provider)
    if not key:
        raise UserError(f"Set the environment variable {variable}.")
    return key


def _from_keyring(provider: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(SERVICE, provider)
    except KeyringError:  # there is none on this machine, or it is locked
        return None
    return found


def _compatible(provider: str, url: str, model: str, key: str | None) -> Model:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    client = AsyncOpenAI(base_url=url, api_key=key or "none", max_retries=TRIES, http_client=_client(url))
    return OpenAIChatModel(model, provider=OpenAICompatibleProvider(provider, openai_client=client))


def _client(url: str) -> Any:
    """What asks the server at `url`."""
    from httpx2 import AsyncClient, Timeout

    # A redirect could lead data and key to a host that the user never named: none is followed. A proxy has no
    # business between us and this machine: what is sent to a brain here would leave it.
    here = is_loopback(urlsplit(url).hostname)
    return AsyncClient(follow_redirects=False, timeout=Timeout(600, connect=10), trust_env=not here)
