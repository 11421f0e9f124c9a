"""Label texts with any text classifier of transformers; a script that is run in the sandbox.

    python classify.py MODEL_FOLDER INPUTS.parquet OUTPUT.parquet

INPUTS has `row_id` and `text`; OUTPUT has `row_id`, `label` and `probabilities`, a list with one number per
label in sorted order. No code of the model is run, and only safetensors are read.
"""

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
LONGEST = 512
"""Tokens, where the model names no limit of its own."""


@torch.no_grad()
def classify(model: Any, tokenizer: Any, texts: list[str]) -> np.ndarray:
    """Softmax of the scores, (rows, labels) in the order of the model's own labels."""
    limit = getattr(model.config, "max_position_embeddings", None) or LONGEST
    limit = min(limit, tokenizer.model_max_length, LONGEST)
    tokens = tokenizer(texts, truncation=True, max_length=limit)["input_ids"]
    order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))  # like lengths together: less padding
    found = np.empty((len(texts), model.config.num_labels))
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        batch = tokenizer.pad({"input_ids": [tokens[i] for i in chosen]}, return_tensors="pt")
        found[chosen] = model(**batch.to(model.device)).logits.double().softmax(dim=1).cpu().numpy()
    return found


def main(folder: Path, inputs: Path, output: Path) -> None:
    """Entry point, see the top of this file."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)
    source = {"local_files_only": True, "trust_remote_code": False}
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, **source)
    model: Any = AutoModelForSequenceClassification.from_pretrained(
        folder, **source, use_safetensors=True, dtype=torch.float32
    )
    model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    names = [model.config.id2label[i] for i in range(model.config.num_labels)]
    order = sorted(range(len(names)), key=names.__getitem__)
    rows = pl.read_parquet(inputs)
    found = classify(model, tokenizer, rows["text"].to_list())[:, order]
    output.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(
        {
            "row_id": rows["row_id"],
            "label": [names[order[i]] for i in found.argmax(axis=1)],
            "probabilities": pl.Series(found.tolist(), dtype=pl.List(pl.Float64)),
        }
    ).write_parquet(output)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
