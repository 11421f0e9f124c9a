# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "polars", "safetensors", "scikit-learn"]
# ///
"""Label texts with a saved TF-IDF + linear model.

    python predict.py MODEL_FOLDER INPUTS.parquet OUTPUT.parquet
    python predict.py MODEL_FOLDER --text "where is my parcel"

INPUTS has an id column and the text column that the model was trained on. OUTPUT has `row_id`, `label`
and `probabilities`, a list with one number per label in the order of `labels` in the model's config.json.
`energy` is the log of the sum of the exponentials of the scores, each divided by the temperature (Liu et al.
2020, arXiv 2010.03759, with the sign turned): the higher, the surer.
Where config.json has an entry `unknown`, a text whose score lies below its threshold is answered UNKNOWN: in
`label` after --text, in the column `answer` of OUTPUT, whose `label` stays the likeliest. --always-answer as
the last word turns that off.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

ANSWER_ALL = "--always-answer"


class TfidfLinearClassifier:
    """One linear score per label on word and character TF-IDF; a softmax turns scores into probabilities.

    `config` names labels and columns; `vectorizers` are fitted; `weights` is (labels, terms), `bias`
    (labels,); `temperature` divides the scores before the softmax.
    """

    def __init__(
        self,
        config: dict[str, Any],
        vectorizers: list[TfidfVectorizer],
        weights: np.ndarray,
        bias: np.ndarray,
        temperature: float,
    ) -> None:
        self.config = config
        self.labels: list[str] = config["labels"]
        self.vectorizers = vectorizers
        self.weights = weights
        self.bias = bias
        self.temperature = temperature

    def features(self, texts: list[str]) -> csr_matrix:
        """TF-IDF features, (rows, terms)."""
        return hstack([vectorizer.transform(texts) for vectorizer in self.vectorizers], format="csr")

    def scores(self, texts: list[str]) -> np.ndarray:
        """The scores divided by the temperature, (rows, labels); their softmax are the probabilities."""
        return np.asarray((self.features(texts) @ self.weights.T + self.bias) / self.temperature)

    def save(self, folder: Path) -> None:
        """Write config.json, vocabulary.json and model.safetensors; no pickle."""
        folder.mkdir(parents=True, exist_ok=True)
        terms = [v.get_feature_names_out().tolist() for v in self.vectorizers]
        (folder / "config.json").write_text(json.dumps(self.config, indent=2, sort_keys=True) + "\n")
        (folder / "vocabulary.json").write_text(json.dumps(terms, ensure_ascii=False))
        tensors = {f"idf.{i}": v.idf_.astype(np.float64) for i, v in enumerate(self.vectorizers)}
        tensors["weights"] = np.ascontiguousarray(self.weights)
        tensors["bias"] = np.ascontiguousarray(self.bias)
        tensors["temperature"] = np.array([self.temperature])
        save_file(tensors, folder / "model.safetensors")

    @classmethod
    def load(cls, folder: Path) -> "TfidfLinearClassifier":
        """Read what `save` wrote."""
        config = json.loads((folder / "config.json").read_text())
        terms = json.loads((folder / "vocabulary.json").read_text())
        tensors = load_file(folder / "model.safetensors")
        vectorizers = make_vectorizers(config, vocabularies=terms)
        for i, vectorizer in enumerate(vectorizers):
            vectorizer.idf_ = tensors[f"idf.{i}"]
        return cls(config, vectorizers, tensors["weights"], tensors["bias"], float(tensors["temperature"][0]))


def make_vectorizers(
    config: dict[str, Any], vocabularies: list[list[str]] | None = None
) -> list[TfidfVectorizer]:
    """One vectorizer for words and one for pieces of words, as far as the config asks for them."""
    kinds = [("word", config["word_ngrams"]), ("char_wb", config["char_ngrams"])]
    wanted = [(analyzer, ngrams) for analyzer, ngrams in kinds if ngrams]
    fixed: Sequence[list[str] | None] = vocabularies or [None] * len(wanted)
    return [
        TfidfVectorizer(
            analyzer=analyzer,
            ngram_range=tuple(ngrams),
            # The default pattern drops one-letter words and "?", which carry meaning in short texts.
            token_pattern=r"(?u)\b\w+\b|[?!]" if analyzer == "word" else None,
            min_df=config["min_df"],
            max_features=config["max_features"],
            sublinear_tf=True,
            strip_accents="unicode",
            vocabulary=vocabulary,
        )
        for (analyzer, ngrams), vocabulary in zip(wanted, fixed, strict=True)
    ]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Row-wise softmax, shifted so that it cannot overflow."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def energy(scores: np.ndarray) -> np.ndarray:
    """The log of the sum of the exponentials of each row, (rows,)."""
    highest = scores.max(axis=1)
    return np.asarray(highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1)))


def answers(model: TfidfLinearClassifier, scores: np.ndarray) -> dict[str, pl.Series]:
    """The column `answer`: the likeliest label, or UNKNOWN below the threshold; nothing without one."""
    unknown = model.config.get("unknown")
    if not unknown:
        return {}
    sure = softmax(scores).max(axis=1) if unknown["score"] == "max_softmax" else energy(scores)
    found = [model.labels[i] for i in scores.argmax(axis=1)]
    held = sure < unknown["threshold"]
    return {"answer": pl.Series([unknown["label"] if h else a for a, h in zip(found, held, strict=True)])}


def answer_one(model: TfidfLinearClassifier, text: str, may_hold_back: bool) -> dict[str, Any]:
    """What --text prints."""
    scores = model.scores([text])
    probabilities = softmax(scores)[0]
    best = probabilities.argsort()[::-1][:3]
    top = {model.labels[i]: round(float(probabilities[i]), 4) for i in best}
    nearest = model.labels[best[0]]
    held = answers(model, scores) if may_hold_back else {}
    label = held["answer"][0] if held else nearest
    return {"label": label, **({"nearest": nearest} if label != nearest else {}), "probabilities": top}


def write_predictions(
    path: Path, ids: list[str], labels: list[str], probabilities: np.ndarray, **more: pl.Series
) -> None:
    """Write one row per text: id, likeliest label, all probabilities, and `more` columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(
        {
            "row_id": ids,
            "label": [labels[i] for i in probabilities.argmax(axis=1)],
            "probabilities": pl.Series(probabilities.tolist(), dtype=pl.List(pl.Float64)),
            **more,
        }
    ).write_parquet(path)


def main(arguments: list[str]) -> None:
    """Entry point, see the top of this file."""
    arguments, options = arguments[:3], set(arguments[3:])
    if len(arguments) != 3 or options - {ANSWER_ALL}:
        sys.exit(
            "usage: predict.py MODEL_FOLDER INPUTS.parquet OUTPUT.parquet | MODEL_FOLDER --text TEXT"
            f" [{ANSWER_ALL}]"
        )
    model = TfidfLinearClassifier.load(Path(arguments[0]))
    if arguments[1] == "--text":
        print(json.dumps(answer_one(model, arguments[2], ANSWER_ALL not in options), ensure_ascii=False))
        return
    rows = pl.read_parquet(arguments[1])
    for column in (model.config["id_column"], model.config["text_column"]):
        if column not in rows.columns:
            sys.exit(f"column {column!r} is not in {arguments[1]}; it has: {', '.join(rows.columns)}")
    texts = rows[model.config["text_column"]].fill_null("").to_list()
    ids = rows[model.config["id_column"]].to_list()
    scores = model.scores(texts)
    more = answers(model, scores) if ANSWER_ALL not in options else {}
    more["energy"] = pl.Series(energy(scores))
    write_predictions(Path(arguments[2]), ids, model.labels, softmax(scores), **more)


if __name__ == "__main__":
    main(sys.argv[1:])
