"""A small real classifier, and ones with a planted fault."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from ml_intern.demo.tickets import make_tickets
from ml_intern.stress.answers import answers
from ml_intern.stress.material import Material
from ml_intern.stress.suite import Shown, Suite, make_suite, show

Predict = Callable[[Sequence[str]], NDArray[np.float64]]


@dataclass(frozen=True)
class Trained:
    """A linear model of the built-in tickets, and the suite made from their test rows."""

    predict: Predict
    suite: Suite

    @property
    def classes(self) -> tuple[str, ...]:
        return self.suite.material.classes

    def show(self, predict: Predict) -> Shown:
        texts = self.suite.texts
        return show(self.suite, answers(texts, predict(texts), self.classes))


def train(seed: int) -> Trained:
    parts = {name: table.drop_nulls() for name, table in make_tickets(2000, seed).splits.items()}
    rows = {name: (table["ticket"].to_list(), table["issue_type"].to_list()) for name, table in parts.items()}
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10, max_iter=300))
    model.fit(*rows["train"])
    material = Material.of(*rows["test"], tuple(model.classes_), seed)
    return Trained(lambda texts: model.predict_proba(list(texts)), make_suite(material))


def surely(places: NDArray[np.intp], classes: int, confidence: float) -> NDArray[np.float64]:
    """Probabilities with `confidence` at each place and the rest spread evenly."""
    found = np.full((len(places), classes), (1 - confidence) / (classes - 1))
    found[np.arange(len(places)), places] = confidence
    return found


def keyed_on_one_word(model: Trained) -> Predict:
    word, label = model.suite.probes[0].word, model.classes.index(model.suite.probes[0].label)

    def predict(texts: Sequence[str]) -> NDArray[np.float64]:
        found = model.predict(texts)
        found[:, label] = 1e-6
        for row, text in enumerate(texts):
            if re.search(rf"\b{word}\b", text.lower()):
                found[row] = 0.01
                found[row, label] = 1
        return found / found.sum(axis=1, keepdims=True)

    return predict


def overconfident(model: Trained) -> Predict:
    return lambda texts: surely(model.predict(texts).argmax(axis=1), len(model.classes), 0.99)


def blind_to_a_class(model: Trained) -> Predict:
    def predict(texts: Sequence[str]) -> NDArray[np.float64]:
        found = model.predict(texts)
        found[:, 2] = 0
        return found / found.sum(axis=1, keepdims=True)

    return predict


def answers_by_length(model: Trained) -> Predict:
    count = len(model.classes)
    return lambda texts: surely(np.array([len(text) // 25 % count for text in texts]), count, 0.6)


PLANTED = (keyed_on_one_word, overconfident, blind_to_a_class, answers_by_length)
