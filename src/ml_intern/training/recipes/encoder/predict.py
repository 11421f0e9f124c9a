# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "polars", "safetensors", "torch", "transformers"]
# ///
"""Label texts with a saved encoder.

    python predict.py MODEL_FOLDER INPUTS.parquet OUTPUT.parquet
    python predict.py MODEL_FOLDER --text "where is my parcel"

INPUTS has an id column and the text column that the model was trained on. OUTPUT has `row_id`, `label`
and `probabilities`, a list with one number per label in the order of `id2label` in the model's config.json.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer

BATCH = 64


class EncoderClassifier:
    """A fine-tuned encoder with its tokenizer; `config` names columns and the length texts are cut to."""

    def __init__(self, folder: Path) -> None:
        self.config: dict[str, Any] = json.loads((folder / "intern.json").read_text())
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        source = {"local_files_only": True, "trust_remote_code": False}
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, **source)
        self.model: Any = AutoModelForSequenceClassification.from_pretrained(
            folder, **source, use_safetensors=True, dtype=torch.float32
        )
        self.model.to(self.device).eval()
        self.labels: list[str] = [self.model.config.id2label[i] for i in range(self.model.config.num_labels)]

    @torch.no_grad()
    def probabilities(self, texts: list[str]) -> np.ndarray:
        """Calibrated probabilities, (rows, labels), rows summing to 1. The temperature is in the weights."""
        found = np.empty((len(texts), len(self.labels)))
        if not texts:
            return found
        tokens = self.tokenizer(texts, truncation=True, max_length=self.config["max_length"])["input_ids"]
        order = sorted(
            range(len(tokens)), key=lambda i: len(tokens[i])
        )  # like lengths together: less padding
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            batch = self.tokenizer.pad({"input_ids": [tokens[i] for i in chosen]}, return_tensors="pt")
            scores = self.model(**batch.to(self.device)).logits.double()
            found[chosen] = scores.softmax(dim=1).cpu().numpy()
        return found


def write_predictions(path: Path, ids: list[str], labels: list[str], probabilities: np.ndarray) -> None:
    """Write one row per text: id, likeliest label, all probabilities."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(
        {
            "row_id": ids,
            "label": [labels[i] for i in probabilities.argmax(axis=1)],
            "probabilities": pl.Series(probabilities.tolist(), dtype=pl.List(pl.Float64)),
        }
    ).write_parquet(path)


def main(arguments: list[str]) -> None:
    """Entry point, see the top of this file."""
    if len(arguments) != 3:
        sys.exit("usage: predict.py MODEL_FOLDER INPUTS.parquet OUTPUT.parquet | MODEL_FOLDER --text TEXT")
    if not (Path(arguments[0]) / "intern.json").exists():
        sys.exit(f"{arguments[0]} is not a model folder: it has no intern.json")
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)
    model = EncoderClassifier(Path(arguments[0]))
    if arguments[1] == "--text":
        probabilities = model.probabilities([arguments[2]])[0]
        best = probabilities.argsort()[::-1][:3]
        top = {model.labels[i]: round(float(probabilities[i]), 4) for i in best}
        print(json.dumps({"label": model.labels[best[0]], "probabilities": top}, ensure_ascii=False))
        return
    rows = pl.read_parquet(arguments[1])
    for column in (model.config["id_column"], model.config["text_column"]):
        if column not in rows.columns:
            sys.exit(f"column {column!r} is not in {arguments[1]}; it has: {', '.join(rows.columns)}")
    texts = rows[model.config["text_column"]].fill_null("").to_list()
    ids = rows[model.config["id_column"]].to_list()
    write_predictions(Path(arguments[2]), ids, model.labels, model.probabilities(texts))


if __name__ == "__main__":
    main(sys.argv[1:])
