"""Planted label errors: does the audit rank them at least as well as cleanlab, over three seeds?

    python -m benchmarks.audit_label_errors PEER [SEED …]

PEER is the path of a python that has cleanlab, in an environment of its own: the project does not depend on
it. 5 % of the training labels of each real dataset are replaced by another class, drawn evenly; every tool
ranks all rows by suspicion, and the area under the precision-recall curve (average precision) is compared on
the same rows. The peers run with their documented defaults, scikit-learn's logistic regression in five-fold
cross-validation, on plain TF-IDF as in cleanlab's text tutorials and also on our own features. What was
chosen for ours (models, smoothing, ratio) was chosen on seed 0, mostly of banking77. About three minutes a
seed on two cores, nearly all of it the peers'.
"""

import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from scipy import sparse
from sklearn.metrics import average_precision_score

from benchmarks.command import datasets, keep
from ml_intern.data.checks.label_errors import suspects
from ml_intern.data.features import tfidf
from ml_intern.data.model import out_of_fold
from ml_intern.data.normalise import normalise

NOISE = 0.05
PEERS = Path(__file__).with_name("audit_label_errors_peer.py")


def rows(name: str) -> pl.DataFrame:
    """The training rows of a dataset, with columns text and label."""
    folder = datasets() / name
    if name == "clinc150":
        pairs = json.loads((folder / "data_full.json").read_text())["train"]
        return pl.DataFrame(pairs, schema=["text", "label"], orient="row")
    text = "utterance" if name == "bitext-support" else "text"
    frame = pl.read_csv(folder / "train.csv", infer_schema=False)
    return frame.select(text=text, label="category")


def spoil(labels: pl.Series, seed: int) -> tuple[pl.Series, np.ndarray]:
    """Labels with `NOISE` of them replaced by another class, and which ones (rows,)."""
    classes = sorted(labels.unique())
    y = np.searchsorted(classes, labels.to_numpy())
    draw = np.random.default_rng(seed)
    wrong = draw.choice(len(y), round(NOISE * len(y)), replace=False)
    y[wrong] = (y[wrong] + draw.integers(1, len(classes), len(wrong))) % len(classes)
    return pl.Series("label", [classes[place] for place in y]), np.isin(np.arange(len(y)), wrong)


def measure(peer: str, name: str, seed: int) -> dict[str, object]:
    """Average precision and seconds of every tool on one dataset."""
    clean = rows(name)
    labels, wrong = spoil(clean["label"], seed)
    frame = clean.with_columns(
        labels, normalise(clean["text"]).alias("normal"), pl.lit("all").alias("part")
    ).with_row_index("row")
    start = time.perf_counter()
    judged = out_of_fold(frame)
    assert judged is not None and judged.rows.height == frame.height
    seconds = time.perf_counter() - start
    flagged = suspects(judged) >= 0
    ours = {
        "average_precision": average_precision_score(wrong, -judged.quality),
        "seconds": seconds,
        "flagged": int(flagged.sum()),
        "flagged_precision": float(wrong[flagged].mean()),
        "flagged_recall": float(flagged[wrong].mean()),
    }
    return {"dataset": name, "seed": seed, "ml-intern": ours, **_peers(peer, frame, wrong)}


def _peers(peer: str, frame: pl.DataFrame, wrong: np.ndarray) -> dict[str, object]:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "texts.json").write_text(json.dumps(frame["text"].to_list()))
        np.save(place / "y.npy", np.unique(frame["label"].to_numpy(), return_inverse=True)[1])
        sparse.save_npz(place / "features.npz", tfidf(frame["text"].to_list()))
        done = subprocess.run([peer, str(PEERS), folder], stdout=subprocess.PIPE, text=True, check=True)
        said = json.loads(done.stdout.splitlines()[-1])
        scores = np.load(place / "scores.npz")
        return {
            "versions": said["versions"],
            **{
                tool: {"average_precision": average_precision_score(wrong, -scores[tool]), "seconds": took}
                for tool, took in said["seconds"].items()
            },
        }


def main(peer: str, seeds: list[int]) -> None:
    """Measure everything and keep the raw record, after each dataset."""
    runs: list[dict[str, object]] = []
    for seed in seeds:
        for name in ("bitext-support", "banking77", "clinc150"):
            runs.append(measure(peer, name, seed))
            print(json.dumps(runs[-1]), flush=True)
            keep("audit_label_errors", {"noise": NOISE, "machine": platform.machine(), "runs": runs})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], [int(word) for word in sys.argv[2:]] or [0, 1, 2])
