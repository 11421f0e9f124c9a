"""The names of the columns stand at the top, and are those of another data set."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from bag import bag, fit, save, vocabulary

TEXT, LABEL = "sentence", "isue"


def read(part, text=TEXT, label=LABEL):
    rows = pl.read_parquet(f"data/{part}.parquet").select("row_id", text, label)
    return rows["row_id"].to_list(), rows[text].to_list(), rows[label].to_list()


config = json.loads(Path(sys.argv[1]).read_text())
_, texts, truth = read("train")
ids, unseen, known = read("validation")
words, labels = vocabulary(texts), sorted(set(truth))
model = torch.nn.Linear(len(words), len(labels))
fit(model, bag(texts, words), torch.tensor([labels.index(label) for label in truth]), config)
probabilities = model(bag(unseen, words)).softmax(dim=1).detach()
right = [labels[i] == label for i, label in zip(probabilities.argmax(dim=1), known, strict=True)]
save(ids, labels, probabilities, accuracy=sum(right) / len(right))
