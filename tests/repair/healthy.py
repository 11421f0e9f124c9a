"""A small training script of the contract: a bag of words under a linear layer. Tests break it on purpose."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from sklearn.metrics import f1_score, log_loss

config = json.loads(Path(sys.argv[1]).read_text())
train, validation = (pl.read_parquet(f"data/{part}.parquet") for part in ("train", "validation"))
texts = {"train": train[config["text_column"]], "validation": validation[config["text_column"]]}
words = sorted({word for text in texts["train"] for word in text.lower().split()})
labels = sorted(train[config["label_column"]].unique())
place = {label: i for i, label in enumerate(labels)}
features = {
    part: torch.tensor([[float(w in text.lower().split()) for w in words] for text in rows])
    for part, rows in texts.items()
}
truth = torch.tensor([place[label] for label in train[config["label_column"]]])
known = [place[label] for label in validation[config["label_column"]]]

torch.manual_seed(config["seed"])
num_labels = len(labels)
model = torch.nn.Linear(len(words), num_labels)
optimizer = torch.optim.SGD(model.parameters(), lr=config["learning_rate"])
size, accumulation = config["batch_size"], config["gradient_accumulation"]
for _ in range(60):
    for start in range(0, len(truth), size):
        x, y = features["train"][start : start + size], truth[start : start + size]
        loss = torch.nn.functional.cross_entropy(model(x), y) * len(y) / (size * accumulation)
        loss.backward()
        if (start // size + 1) % accumulation == 0:
            optimizer.step()
            optimizer.zero_grad()
    if not torch.isfinite(loss):
        sys.exit(f"training diverged: loss is {loss.item()}")

with torch.no_grad():
    probabilities = model(features["validation"]).softmax(dim=1).double()
answers = probabilities.argmax(dim=1).tolist()
score = f1_score(known, answers, average="macro")
print("log loss", log_loss(known, probabilities.numpy(), labels=range(len(labels))))
found = {"row_id": validation["row_id"], "label": [labels[i] for i in answers]}
pl.DataFrame(found | {"probabilities": probabilities.tolist()}).write_parquet("predictions.parquet")
print(json.dumps({"macro_f1": score}))
