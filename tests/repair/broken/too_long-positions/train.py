"""An encoder of its own with a table of positions, and a tokenizer that is not told to cut."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from bag import save
from torch import nn
from transformers import AutoTokenizer

config = json.loads(Path(sys.argv[1]).read_text())
train, validation = (pl.read_parquet(f"data/{part}.parquet") for part in ("train", "validation"))
labels = sorted(train[config["label_column"]].unique())
tokenizer = AutoTokenizer.from_pretrained(config["base_model"])
tokenizer.model_max_length = 1_000_000


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(len(tokenizer), 16)
        self.positions = nn.Embedding(config["max_length"], 16)
        self.head = nn.Linear(16, len(labels))

    def forward(self, text):
        tokens = torch.tensor(tokenizer.encode(text))
        return self.head((self.words(tokens) + self.positions(torch.arange(len(tokens)))).mean(dim=0))


torch.manual_seed(config["seed"])
model = Encoder()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
for _ in range(5):
    for text, label in zip(train[config["text_column"]], train[config["label_column"]], strict=True):
        loss = nn.functional.cross_entropy(model(text), torch.tensor(labels.index(label)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
probabilities = torch.stack([model(text) for text in validation[config["text_column"]]]).softmax(1).detach()
answers = [labels[i] for i in probabilities.argmax(dim=1)]
accuracy = (pl.Series(answers) == validation[config["label_column"]]).mean()
save(validation["row_id"], labels, probabilities, accuracy=accuracy)
