"""TF-IDF of words and of letters within words: what a linear model reads of a text."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

MAX_CHARACTERS: Final = 1_000
"""Of each text; what a text is about stands at its beginning, and the time stays bounded."""

MAX_FEATURES: Final = 30_000
"""Of words and of letters each: 60,000 features x 300 classes are 72 MB."""


def tfidf(texts: Sequence[str]) -> Any:
    """A sparse matrix (texts, features) of float32; each row that has any feature has length 1.

    Words and pairs of words; runs of 2 to 4 letters within a word, which see through inflection and
    spelling mistakes. Terms of a single text are left out: no other row can confirm them. Raises
    nothing for texts without any common term: the matrix then has no columns.
    """
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer

    shared = {"min_df": 2, "sublinear_tf": True, "dtype": np.float32, "max_features": MAX_FEATURES}
    views = (
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\b\w+\b", **shared),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **shared),
    )
    cut = [text[:MAX_CHARACTERS] for text in texts]
    found = []
    for view in views:
        try:
            found.append(view.fit_transform(cut))
        except ValueError:  # no term occurs in two texts
            continue
    if not found:
        return sparse.csr_matrix((len(cut), 0), dtype=np.float32)
    return (sparse.hstack(found) * np.float32(len(found) ** -0.5)).tocsr()
