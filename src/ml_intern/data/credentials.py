"""Finding credentials in texts: API keys and tokens of known form, private keys, passwords in addresses.

The forms are those that the providers document and that GitHub's secret scanning and gitleaks (MIT) look
for; a key of random characters without a known prefix is not found.
"""

import re
from collections.abc import Iterator
from typing import Final

_FORMS: Final = (
    r"\bhf_[A-Za-z0-9]{30,40}\b",  # Hugging Face
    r"\bsk-(?:proj-|svcacct-|ant-[a-z0-9]{2,8}-|or-v1-)?[A-Za-z0-9_-]{20,4000}",  # OpenAI, Anthropic
    r"\bgh[pousr]_[A-Za-z0-9]{36,40}\b|\bgithub_pat_[A-Za-z0-9_]{50,100}",  # GitHub
    r"\bglpat-[A-Za-z0-9_-]{20,40}",  # GitLab
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",  # AWS access key id
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,400}",  # Slack
    r"\bAIza[A-Za-z0-9_-]{35}",  # Google
    r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,120}\b",  # Stripe
    r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgE[A-Za-z0-9_-]{50,400}",  # package registries
    r"\bSG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{40,46}",  # SendGrid
    r"\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{10,2000}",  # JSON Web Token
    r"-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\\\s]{0,8000}",  # PEM
    r"\b(?:https?|ftp|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp)://[^\s:/@]{1,64}:[^\s:/@]{3,64}@",
)
_PASSWORD: Final = re.compile(
    r"\b(?:password|passwd|pwd|passwort|passcode|mot de passe|contraseña)"
    r"\s*(?:is|ist|=|:)\s*[\"']?(\S{6,64})",
    re.IGNORECASE,
)
_SECRET: Final = re.compile("|".join(_FORMS))
PREFIXES: Final = (
    "hf_", "sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "AKIA", "ASIA", "xox",
    "AIza", "k_live_", "k_test_", "npm_", "pypi-AgE", "SG.", "eyJ", "PRIVATE KEY", "://", "assw", "ASSW",
    "PWD", "pwd", "asscode", "mot de passe", "contrase",
)  # fmt: skip
"""A text without any of these holds no credentials."""
_MIN_DIFFERENT: Final = 8
"""Keys are random; fewer different characters are a mask such as `sk-xxxxxxxx`."""


def secrets(text: str) -> Iterator[tuple[int, int]]:
    """Where credentials begin and end in a text."""
    for match in _SECRET.finditer(text):
        found = match.group()
        if found.startswith("-----") or "://" in found or _is_random(found):
            yield match.span()
    for match in _PASSWORD.finditer(text):
        if _is_made_up(match[1]):
            yield match.span(1)


def _is_made_up(word: str) -> bool:
    """Whether this is a password and no word of the sentence: a digit among letters, or several signs."""
    letters, digits = any(c.isalpha() for c in word), any(c.isdigit() for c in word)
    return letters and digits and not set(word) & set("{}<>*•")


def _is_random(found: str) -> bool:
    """Whether this is a key and no phrase joined by hyphens ("sk-learn-is-a-machine-learning-library")."""
    body = found[4:]
    return len(set(body)) >= _MIN_DIFFERENT and any(c.isdigit() or c.isupper() for c in body)
