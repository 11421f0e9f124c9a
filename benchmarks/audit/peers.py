"""Another library on the same rows, in an environment of its own; prints one line of JSON.

    ENVIRONMENT/bin/python peers.py semhash|datasketch|rensa|cleanlab FOLDER

Needs `pip install semhash datasketch rensa cleanlab polars scikit-learn` there and nothing of this project.
Reading the file is not timed; making n-grams, vectors or probabilities is, as a user has to do that, too.
MinHash gets sets of character 3-grams of the text in lower case, 128 permutations and a threshold of 0.6, the
similarity at which `near.py` calls two texts near copies. SemHash's own encoder is fetched from a hub; here
it gets hashed character n-grams in 256 dimensions and its default threshold of 0.9.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.feature_extraction.text import HashingVectorizer

PERMUTATIONS, THRESHOLD, BANDS = 128, 0.6, 32
_BATCH = 10_000


def grams(text: str) -> set[str]:
    """Character 3-grams of the text in lower case."""
    text = f" {text.lower()} "
    return {text[i : i + 3] for i in range(len(text) - 2)}


def datasketch(texts: list[str], labels: list[str]) -> Iterator[int]:
    """Rows of which an earlier one is returned by a query."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    for start in range(0, len(texts), _BATCH):
        batch = [[gram.encode() for gram in grams(text)] for text in texts[start : start + _BATCH]]
        for row, sketch in enumerate(MinHash.generator(batch, num_perm=PERMUTATIONS), start):
            if index.query(sketch):
                yield row
            index.insert(row, sketch, check_duplication=False)


def rensa(texts: list[str], labels: list[str]) -> Iterator[int]:
    """Rows of which an earlier one is returned by a query and as similar by its sketch."""
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=BANDS)
    sketches = []
    for row, text in enumerate(texts):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=0)
        sketch.update(list(grams(text)))
        if any(sketches[other].jaccard(sketch) >= THRESHOLD for other in index.query(sketch)):
            yield row
        index.insert(row, sketch)
        sketches.append(sketch)


class Hashed:
    """An encoder that needs no network."""

    def __init__(self) -> None:
        self.vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 4), n_features=256)

    def encode(self, texts: Sequence[str], **_: Any) -> np.ndarray:
        """One row of 256 numbers for each text."""
        return self.vectorizer.transform(list(texts)).toarray().astype(np.float32)


def semhash(texts: list[str], labels: list[str]) -> Iterator[int]:
    """The rows that self-deduplication filters out."""
    from semhash import SemHash

    records = [{"text": text, "row": str(row)} for row, text in enumerate(texts)]
    index = SemHash.from_records(records=records, columns=["text"], model=Hashed())
    for duplicate in index.self_deduplicate().filtered:
        yield int(duplicate.record["row"])


def cleanlab(texts: list[str], labels: list[str]) -> Iterator[int]:
    """Label issues from five-fold probabilities of TF-IDF and logistic regression, as its tutorials do."""
    from cleanlab.filter import find_label_issues
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    _, y = np.unique(labels, return_inverse=True)
    counts = np.bincount(y)
    kept = np.flatnonzero(counts[y] >= 5)  # five folds need five rows of a class
    _, y = np.unique(y[kept], return_inverse=True)
    features = TfidfVectorizer(sublinear_tf=True).fit_transform([texts[row] for row in kept])
    probabilities = cross_val_predict(LogisticRegression(C=10), features, y, cv=5, method="predict_proba")
    yield from kept[find_label_issues(y, probabilities, n_jobs=1)].tolist()


if __name__ == "__main__":
    name = sys.argv[1]
    frame = pl.read_csv(Path(sys.argv[2]) / "train.csv", infer_schema=False)
    texts, labels = frame["text"].to_list(), frame["label"].to_list()
    began = time.perf_counter()
    rows = list(
        {"datasketch": datasketch, "rensa": rensa, "semhash": semhash, "cleanlab": cleanlab}[name](
            texts, labels
        )
    )
    measured: dict[str, Any] = {
        "seconds": time.perf_counter() - began,
        "rows": rows,
        "version": version(name),
    }
    measured["peak_rss_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(measured))
