"""Steps so large that the loss is soon no number. The script does not look."""

import itertools
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

torch.manual_seed(config["seed"])
sizes = (len(words), 32, 32, len(labels))
model = torch.nn.Sequential(*(torch.nn.Linear(*pair) for pair in itertools.pairwise(sizes)))
loss = fit(model, bag(train[config["text_column"]], words), y_train, config)
probabilities = model(bag(validation[config["text_column"]], words)).softmax(dim=1).detach()
answers = probabilities.argmax(dim=1).tolist()
metrics = {"loss": loss, "accuracy": accuracy_score(y_validation, answers)}
print(json.dumps(metrics))
save(validation["row_id"], labels, probabilities, **metrics)
