"""Packages that a script asks for beside what its recipe needs, installed outside the sandbox."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from ml_intern.records.errors import InternError

APPROVED = frozenset({
    "beautifulsoup4", "datasets", "emoji", "evaluate", "ftfy", "imbalanced-learn", "joblib", "lightgbm",
    "nltk", "pandas", "peft", "protobuf", "pyarrow", "pyyaml", "python-dateutil", "regex", "scipy",
    "sentence-transformers", "sentencepiece", "seqeval", "tiktoken", "tokenizers", "tqdm", "umap-learn",
    "xgboost",
})  # fmt: skip
"""Well-known packages that are installed without asking; any other needs the user's word."""
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$")
MINUTES = 15


def normalised(name: str) -> str:
    """The name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def install(packages: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Install packages and what they need into `folder`, which replaces what was there; `name==version` each.

    Wheels only: nothing of a package is run to install it. What this environment has already is not
    installed again.

    Raises:
        InternError: a package cannot be had, or has no wheel.
    """
    names = sorted({normalised(name) for name in packages})
    wrong = [name for name in names if not NAME.match(name)]
    if wrong:
        raise InternError(f"{wrong[0]!r} is no name of a package.")
    planned = _pip("--dry-run", "--quiet", "--report", "-", *names)
    found = [
        f"{each['metadata']['name']}=={each['metadata']['version']}"
        for each in json.loads(planned)["install"]
    ]
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    if found:
        _pip("--quiet", "--no-deps", "--target", str(draft), *found)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return tuple(found)


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    try:
        done = subprocess.run(
            [*command, "--only-binary=:all:", *arguments],
            capture_output=True,
            text=True,
            timeout=60 * MINUTES,
        )
    except subprocess.TimeoutExpired as error:
        raise InternError(f"Installing took more than {MINUTES} minutes.", "Install it yourself.") from error
    if done.returncode:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "pip failed")
        raise InternError(
            f"The packages the script asks for cannot be installed: {last}", "Install them yourself."
        )
    return done.stdout
