"""How near each test text lies to the training texts."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

AT_ONCE: Final = 500
MOST_CHARACTERS: Final = 1000


def nearness(texts: Sequence[str], training: Sequence[str]) -> NDArray[np.float64]:
    """The cosine of each text with the most similar training text, (texts,), by TF-IDF of words and pairs.

    0 for a text that shares no word with any. The same measure for every model, so that slices compare.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", sublinear_tf=True)
    try:
        known = vectorizer.fit_transform([text[:MOST_CHARACTERS] for text in training])
    except ValueError:  # no training text has a word
        return np.zeros(len(texts))
    found = np.zeros(len(texts))
    for start in range(0, len(texts), AT_ONCE):
        part = vectorizer.transform([text[:MOST_CHARACTERS] for text in texts[start : start + AT_ONCE]])
        found[start : start + AT_ONCE] = (part @ known.T).max(axis=1).toarray().ravel()
    return found
