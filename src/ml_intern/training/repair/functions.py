"""Functions that a patch adds to a script. They stand in it as a user would have written them.

They follow the training contract: the config is the script's first argument, the training split lies in
`data/train.parquet`, and class ids count its sorted labels.
"""

TRAINING_LABELS = '''
from functools import cache


@cache
def training_labels():
    """The labels of the training split in sorted order: a label's place is its class id."""
    import json
    import sys

    import polars

    with open(sys.argv[1]) as file:
        column = json.load(file)["label_column"]
    return sorted(polars.read_parquet("data/train.parquet")[column].unique())
'''
LABEL_IDS = '''
def label_ids(labels):
    """The class id of each label."""
    place = {label: i for i, label in enumerate(training_labels())}
    return [place[label] for label in labels]
'''
KNOWN_CLASSES = '''
def known_classes(truth):
    """Every class of the training split, written as in `truth`: by name or by class id."""
    labels = training_labels()
    return labels if isinstance(next(iter(truth), None), str) else list(range(len(labels)))
'''
FILL_TEXTS = '''
def fill_texts(rows, column):
    """The same rows, with an empty text where one is missing."""
    if column not in rows.columns:
        return rows
    return rows.with_columns(rows[column].fill_null(""))
'''
