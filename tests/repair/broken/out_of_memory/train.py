"""Characters as one-hot vectors: a batch of them takes far more memory than the texts."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from bag import save

CODES = 1 << 14
config = json.loads(Path(sys.argv[1]).read_text())
train, validation = (pl.read_parquet(f"data/{part}.parquet") for part in ("train", "validation"))
labels = sorted(train[config["label_column"]].unique())


def features(texts):
    codes = torch.tensor([[hash_of(text[i : i + 4]) for i in range(40)] for text in texts])
    return torch.nn.functional.one_hot(codes, CODES).float().sum(dim=1)


def hash_of(gram):
    return sum(ord(letter) * 31**i for i, letter in enumerate(gram)) % CODES


torch.manual_seed(config["seed"])
model = torch.nn.Linear(CODES, len(labels))
optimizer = torch.optim.SGD(model.parameters(), lr=config["learning_rate"])
size, accumulation = config["batch_size"], config["gradient_accumulation"]
texts, truth = (train[config[name]].to_list() for name in ("text_column", "label_column"))
for _ in range(5):
    for start in range(0, len(texts), size):
        target = torch.tensor([labels.index(label) for label in truth[start : start + size]])
        loss = torch.nn.functional.cross_entropy(model(features(texts[start : start + size])), target)
        (loss / accumulation).backward()
        if (start // size + 1) % accumulation == 0:
            optimizer.step()
            optimizer.zero_grad()
with torch.no_grad():
    rows = [model(features([text])) for text in validation[config["text_column"]]]
probabilities = torch.cat(rows).softmax(dim=1)
answers = [labels[i] for i in probabilities.argmax(dim=1)]
accuracy = (pl.Series(answers) == validation[config["label_column"]]).mean()
print("weights", model.weight.sum().item(), model.weight.norm().item())
save(validation["row_id"], labels, probabilities, accuracy=accuracy)
