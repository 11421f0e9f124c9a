"""It takes for granted that the labels are numbers."""

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import torch
from bag import bag, fit, save, vocabulary

config = json.loads(Path(sys.argv[1]).read_text())
train = pl.read_parquet("data/train.parquet")
validation = pl.read_parquet("data/validation.parquet")
words = vocabulary(train[config["text_column"]])
y_train = train[config["label_column"]].to_numpy().astype(int)
y_validation = [int(label) for label in validation[config["label_column"]]]
labels = sorted(train[config["label_column"]].unique())

model = torch.nn.Linear(len(words), len(labels))
fit(model, bag(train[config["text_column"]], words), torch.from_numpy(y_train), config)
probabilities = model(bag(validation[config["text_column"]], words)).softmax(dim=1).detach()
accuracy = np.mean(probabilities.argmax(dim=1).numpy() == y_validation)
save(validation["row_id"], labels, probabilities, accuracy=float(accuracy))
