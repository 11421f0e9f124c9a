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
`energy` is the log of the sum of the exponentials of the scores, each divided by the temperature (Liu et al.
2020, arXiv 2010.03759, with the sign turned): the higher, the surer.
With --features OUTPUT also has `embedding`, what the last linear layer sees of each text (float32).
Where config.json has an entry `unknown`, a text whose score lies below its threshold is answered UNKNOWN: in
`label` after --text, in the column `answer` of OUTPUT, whose `label` stays the likeliest. --always-answer as
the last word turns that off.
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

FEATURES, ANSWER_ALL = "--features", "--always-answer"


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

    def scores(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """The scores divided by the temperature, (rows, labels), and the embeddings, (rows, hidden)."""
        size, length = self.config["batch_size"], self.config["max_length"]
        features = embed(self.encoder, self.tokenizer, texts, length, size)
        scores = features.astype(np.float64) @ self.head["weights"].T + self.head["bias"]
        return scores / self.head["temperature"][0], features


def energy(scores: np.ndarray) -> np.ndarray:
    """The log of the sum of the exponentials of each row, (rows,)."""
    highest = scores.max(axis=1)
    return np.asarray(highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1)))


def answers(model: ProbeClassifier, scores: np.ndarray) -> dict[str, pl.Series]:
    """The column `answer`: the likeliest label, or UNKNOWN below the threshold; nothing without one."""
    unknown = model.config.get("unknown")
    if not unknown:
        return {}
    sure = softmax(scores).max(axis=1) if unknown["score"] == "max_softmax" else energy(scores)
    held = sure < unknown["threshold"]
    found = [model.labels[i] for i in scores.argmax(axis=1)]
    return {"answer": pl.Series([unknown["label"] if h else a for a, h in zip(found, held, strict=True)])}


def answer_one(model: ProbeClassifier, text: str, may_hold_back: bool) -> dict[str, Any]:
    """What --text prints."""
    scores, _ = model.scores([text])
    probabilities = softmax(scores)[0]
    best = probabilities.argsort()[::-1][:3]
    top = {model.labels[i]: round(float(probabilities[i]), 4) for i in best}
    nearest = model.labels[best[0]]
    held = answers(model, scores) if may_hold_back else {}
    label = held["answer"][0] if held else nearest
    return {"label": label, **({"nearest": nearest} if label != nearest else {}), "probabilities": top}


def write_predictions(
    path: Path, ids: list[str], labels: list[str], probabilities: np.ndarray, **more: pl.Series
) -> None:
    """Write one row per text: id, likeliest label, all probabilities, and `more` columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(
        {
            "row_id": ids,
            "label": [labels[i] for i in probabilities.argmax(axis=1)],
            "probabilities": pl.Series(probabilities.tolist(), dtype=pl.List(pl.Float64)),
            **more,
        }
    ).write_parquet(path)


def main(arguments: list[str]) -> None:
    """Entry point, see the top of this file."""
    arguments, options = arguments[:3], set(arguments[3:])
    if len(arguments) != 3 or options - {FEATURES, ANSWER_ALL}:
        sys.exit(
            "usage: predict.py MODEL_FOLDER INPUTS.parquet OUTPUT.parquet | MODEL_FOLDER --text TEXT"
            f" [{FEATURES}] [{ANSWER_ALL}]"
        )
    if not (Path(arguments[0]) / "config.json").exists():
        sys.exit(f"{arguments[0]} is not a model folder: it has no config.json")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)
    model = ProbeClassifier(Path(arguments[0]))
    if arguments[1] == "--text":
        print(json.dumps(answer_one(model, arguments[2], ANSWER_ALL not in options), ensure_ascii=False))
        return
    rows = pl.read_parquet(arguments[1])
    for column in (model.config["id_column"], model.config["text_column"]):
        if column not in rows.columns:
            sys.exit(f"column {column!r} is not in {arguments[1]}; it has: {', '.join(rows.columns)}")
    texts = rows[model.config["text_column"]].fill_null("").to_list()
    ids = rows[model.config["id_column"]].to_list()
    scores, embeddings = model.scores(texts)
    more = answers(model, scores) if ANSWER_ALL not in options else {}
    more["energy"] = pl.Series(energy(scores))
    if FEATURES in options:
        more["embedding"] = pl.Series(embeddings.tolist(), dtype=pl.List(pl.Float32))
    write_predictions(Path(arguments[2]), ids, model.labels, softmax(scores), **more)


if __name__ == "__main__":
    main(sys.argv[1:])
