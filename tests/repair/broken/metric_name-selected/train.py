"""It calls a metric otherwise than the config that selects by it."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from bag import bag, fit, save, vocabulary
from sklearn.metrics import accuracy_score, f1_score

config = json.loads(Path(sys.argv[1]).read_text())
train, validation = (pl.read_parquet(f"data/{part}.parquet") for part in ("train", "validation"))
words = vocabulary(train[config["text_column"]])
labels = sorted(train[config["label_column"]].unique())
place = {label: i for i, label in enumerate(labels)}
y_train = torch.tensor([place[label] for label in train[config["label_column"]]])
y_validation = [place[label] for label in validation[config["label_column"]]]

model = torch.nn.Linear(len(words), len(labels))
loss = fit(model, bag(train[config["text_column"]], words), y_train, config)
probabilities = model(bag(validation[config["text_column"]], words)).softmax(dim=1).detach()
answers = probabilities.argmax(dim=1).tolist()
row = {
    "accuracy": accuracy_score(y_validation, answers),
    "f1_macro": f1_score(y_validation, answers, average="macro"),
    "f1_weighted": f1_score(y_validation, answers, average="weighted"),
}
print("selected by", row[config["selection_metric"]])
save(validation["row_id"], labels, probabilities, **row)
