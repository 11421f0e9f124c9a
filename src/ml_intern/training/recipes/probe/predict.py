# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "polars", "safetensors", "torch", "transformers"]
# ///
"""Label texts with a frozen encoder and a linear head.

    python predict.py MODEL_FOLDER INPUTS.parquet OUTPUT.parquet
    python predict.py MODEL_FOLDER --text "where is my parcel"

INPUTS has an id column and the text column that the model was trained on. OUTPUT has `row_id`, `label`
and `probabilities`, a list with one number per label in the order of `labels` in the model's config.json.
The folder is complete: a copy of the encoder is in its folder encoder/.
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
from safetensors.numpy import load_file
from transformers import AutoModel, AutoTokenizer


@torch.no_grad()
def embed(encoder: Any, tokenizer: Any, texts: list[str], max_length: int, batch_size: int) -> np.ndarray:
    """The mean over the tokens of each text, scaled to length 1: (rows, hidden), float32."""
    found = np.empty((len(texts), encoder.config.hidden_size), dtype=np.float32)
    tokens = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"] if texts else []
    order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))  # like lengths together: less padding
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        batch = tokenizer.pad({"input_ids": [tokens[i] for i in chosen]}, return_tensors="pt")
        batch = batch.to(encoder.device)
        hidden = encoder(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        means = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        found[chosen] = torch.nn.functional.normalize(means, dim=1).cpu().numpy()
    return found


def softmax(scores: np.ndarray) -> np.ndarray:
    """Row-wise softmax, shifted so that it cannot overflow."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class ProbeClassifier:
    """An encoder that stays as it is, with one linear score per label."""

    def __init__(self, folder: Path) -> None:
        self.config: dict[str, Any] = json.loads((folder / "config.json").read_text())
        self.labels: list[str] = self.config["labels"]
        self.head = load_file(folder / "model.safetensors")
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        source = {"local_files_only": True, "trust_remote_code": False}
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder / "encoder", **source)
        self.encoder: Any = AutoModel.from_pretrained(
            folder / "encoder", **source, use_safetensors=True, dtype=torch.float32
        )
        self.encoder.to(device).eval()

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """Softmax of the scores divided by the temperature, (rows, labels), rows summing to 1."""
        size, length = self.config["batch_size"], self.config["max_length"]
        features = embed(self.encoder, self.tokenizer, texts, length, size)
        scores = features.astype(np.float64) @ self.head["weights"].T + self.head["bias"]
        return softmax(scores / self.head["temperature"][0])


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
    if not (Path(arguments[0]) / "config.json").exists():
        sys.exit(f"{arguments[0]} is not a model folder: it has no config.json")
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)
    model = ProbeClassifier(Path(arguments[0]))
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
