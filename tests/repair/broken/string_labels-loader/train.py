"""The labels stay words all the way through a data loader, until the loss gets them."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from bag import bag, save, vocabulary
from torch import nn
from torch.utils.data import DataLoader, Dataset

config = json.loads(Path(sys.argv[1]).read_text())


class Tickets(Dataset):
    def __init__(self, rows, words):
        self.features = bag(rows[config["text_column"]], words)
        self.labels = rows[config["label_column"]].to_list()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.features[i], self.labels[i]


train, validation = (pl.read_parquet(f"data/{part}.parquet") for part in ("train", "validation"))
words = vocabulary(train[config["text_column"]])
labels = sorted(train[config["label_column"]].unique())
model = nn.Linear(len(words), len(labels))
optimizer = torch.optim.SGD(model.parameters(), lr=config["learning_rate"])
criterion = nn.CrossEntropyLoss()
for _ in range(config["epochs"]):
    for features, target in DataLoader(Tickets(train, words), config["batch_size"], shuffle=True):
        logits = model(features)
        loss = criterion(logits, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

held_out = Tickets(validation, words)
probabilities = model(held_out.features).softmax(dim=1).detach()
right = [labels[i] == label for i, label in zip(probabilities.argmax(dim=1), held_out.labels, strict=True)]
save(validation["row_id"], labels, probabilities, accuracy=sum(right) / len(right))
