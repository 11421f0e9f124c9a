"""The peers of `audit_label_errors`, run by a python that has cleanlab: python FILE FOLDER.

FOLDER holds texts.json, y.npy and features.npz (our features); scores.npz is written into it, a quality for
each row and tool, low where the label is suspect.
"""

import json
import sys
import time
from pathlib import Path

import cleanlab
import numpy as np
import sklearn
from cleanlab.classification import CleanLearning
from cleanlab.rank import get_label_quality_scores
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

folder = Path(sys.argv[1])
y = np.load(folder / "y.npy")
views = {
    "plain TF-IDF": TfidfVectorizer().fit_transform(json.loads((folder / "texts.json").read_text())),
    "our features": sparse.load_npz(folder / "features.npz"),
}
scores, seconds = {}, {}
for view, features in views.items():
    start = time.perf_counter()
    model = LogisticRegression(max_iter=400)
    probabilities = cross_val_predict(model, features, y, cv=5, method="predict_proba")
    fitted = time.perf_counter() - start
    for method in ("self_confidence", "normalized_margin"):
        tool = f"cleanlab {method}, {view}"
        scores[tool] = get_label_quality_scores(y, probabilities, method=method)
        seconds[tool] = fitted

    # CleanLearning would cross-validate the same model itself; with these probabilities it need not.
    found = CleanLearning(LogisticRegression(max_iter=400)).find_label_issues(
        labels=y, pred_probs=probabilities
    )
    tool = f"CleanLearning, {view}"
    scores[tool] = found["label_quality"].to_numpy()
    seconds[tool] = fitted
np.savez(folder / "scores.npz", **scores)
print(
    json.dumps(
        {"seconds": seconds, "versions": {"cleanlab": cleanlab.__version__, "sklearn": sklearn.__version__}}
    )
)
