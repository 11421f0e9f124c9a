"""The log loss takes the classes that validation has for all there are."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from bag import bag, fit, save, vocabulary
from sklearn.metrics import accuracy_score, log_loss

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
metrics = {
    "accuracy": accuracy_score(y_validation, answers),
    "validation_loss": log_loss(y_validation, probabilities.double().numpy()),
}
save(validation["row_id"], labels, probabilities, **metrics)
