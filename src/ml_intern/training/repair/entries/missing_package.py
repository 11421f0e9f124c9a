"""A missing package: the script imports what is not installed.

Shows as `ModuleNotFoundError: No module named 'x'` with the name of a top-level module. With a dotted name
the package is there and its inside is not, which no installation cures. Mostly the static check of imports
says it before anything is run.

Fix: the package's name on PyPI, for the harness to install outside the sandbox from its approved list or
after asking. Where import and project name differ, a table says so. A name that looks like a slip of a
well-known one is refused: names one letter off are how malicious packages get installed.
"""

import difflib
import re
import sys

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash, last_match
from ml_intern.training.static.checks import IMPORTS
from ml_intern.training.static.imports import NOT_INSTALLED

PRIORITY = 20
STATIC = re.compile(
    NOT_INSTALLED.partition("{0}")[0] + r"([A-Za-z_][A-Za-z0-9_]{0,63})" + ", which is not installed"
)
MESSAGE = re.compile(r"^No module named '([A-Za-z_][A-Za-z0-9_]{0,63})'$")
PROJECTS = {
    "Levenshtein": "Levenshtein",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "git": "GitPython",
    "huggingface_hub": "huggingface-hub",
    "imblearn": "imbalanced-learn",
    "lightning_fabric": "lightning-fabric",
    "msgpack": "msgpack",
    "pytorch_lightning": "pytorch-lightning",
    "sentence_transformers": "sentence-transformers",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "PyYAML",
}
WELL_KNOWN = (
    *PROJECTS,
    *"accelerate datasets evaluate fasttext joblib lightgbm matplotlib nltk numpy pandas peft polars".split(),
    *"pyarrow regex requests sacrebleu safetensors scipy seaborn sentencepiece seqeval spacy".split(),
    *"tokenizers torch".split(),
    *"torchvision tqdm transformers xgboost catboost optuna rouge_score emoji ftfy".split(),
)


def recognise(failure: Failure) -> Patch | None:
    """The package to install."""
    module, evidence = _missing(failure)
    if not module:
        return None
    if module in sys.stdlib_module_names or module.startswith("_") or f"{module}.py" in failure.files:
        return None
    slip = difflib.get_close_matches(module, WELL_KNOWN, n=1, cutoff=0.8)
    if slip and module not in WELL_KNOWN:
        return None
    project = PROJECTS.get(module, module.replace("_", "-"))
    return Patch(
        bug="missing_package",
        explanation=(
            f"The script imports {module}, which is not installed. The package is {project} on PyPI; it is "
            "installed into the run's own environment, from wheels only."
        ),
        evidence=evidence,
        packages=(project,),
    )


def _missing(failure: Failure) -> tuple[str, str]:
    """The module that is missing and the line that says so; empty where none is."""
    if failure.step == IMPORTS:  # only then are these our own words, and not those of a log
        said = last_match(STATIC, failure.log[-1:])
        return (said[0][1], said[1]) if said else ("", "")
    found = crash(failure)
    match = MESSAGE.match(found.message) if found and found.kind == "ModuleNotFoundError" else None
    return (match[1], found.line) if found and match else ("", "")
