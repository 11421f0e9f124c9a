"""What a brain may be called: the playbook, a provider's model, or a model behind an address."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from ml_intern.records.errors import UsageProblem

PLAYBOOK = "playbook"
EXAMPLES = (
    "Write it like --brain anthropic:MODEL, openai:MODEL, huggingface:OWNER/MODEL, ollama:MODEL, "
    "http://127.0.0.1:8080/v1#MODEL for a server of your own, or playbook; of several, with commas between "
    "them, each stands in for the one before it."
)


@dataclass(frozen=True)
class BrainName:
    """One model: of a `provider`, or behind the address `url` of an OpenAI-compatible server."""

    text: str
    provider: str
    model: str
    url: str | None = None


def parse(text: str) -> tuple[BrainName, ...]:
    """The models that `text` names, in the order in which they are tried; none for the playbook.

    Raises:
        UsageProblem: it names none that could be meant.
    """
    parts = [part.strip() for part in text.split(",")]
    if parts == [PLAYBOOK]:
        return ()
    if PLAYBOOK in parts:
        raise UsageProblem(
            "The playbook cannot stand in for another brain within a step.",
            "Name it alone; a run that lost its brain goes on with: ml-intern resume --brain playbook",
        )
    return tuple(_one(part) for part in parts)


def _one(text: str) -> BrainName:
    if text.startswith(("http://", "https://")):
        address, _, model = text.partition("#")
        parts = urlsplit(address)
        if parts.username or parts.password or parts.query:
            raise UsageProblem(
                "A brain's address must hold no key or password.",
                "Put the key into the environment variable ML_INTERN_BRAIN_KEY.",
            )
        if not parts.hostname or not model:
            raise UsageProblem(f"The brain {text!r} names no server and model.", EXAMPLES)
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise UsageProblem(
                f"{address} would carry your data and key unencrypted over a network.",
                "Use https, or a tunnel to an address of this machine.",
            )
        return BrainName(text, "", model, address)
    provider, _, model = text.partition(":")
    if not provider or not model:
        raise UsageProblem(f"There is no brain {text!r}.", EXAMPLES)
    return BrainName(text, provider, model)


def is_loopback(host: str | None) -> bool:
    """Whether `host` is this machine by its own name or address; a name that must be looked up is not."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
