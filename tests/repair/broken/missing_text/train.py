"""It lowers every text, also where there is none."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from bag import bag, fit, save, vocabulary
from sklearn.metrics import accuracy_score

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
save(validation["row_id"], labels, probabilities, accuracy=accuracy_score(y_validation, answers))
