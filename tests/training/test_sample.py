"""The samples that a smoke test runs on."""

import polars as pl

from ml_intern.training.sample import sample_rows, write_sample

CONFIG = {"label_column": "issue", "text_column": "body", "seed": 0, "batch_size": 4, "max_length": 16}


def write(folder, rows=600, classes=6):
    frame = pl.DataFrame(
        {
            "row_id": [str(i) for i in range(rows)],
            "body": [f"word {'x' * (i % 50)}" for i in range(rows)],
            "issue": [f"class {i % classes}" for i in range(rows)],
        }
    )
    for part in ("train", "validation"):
        frame.write_parquet(folder / f"{part}.parquet")
    return frame


def test_validation_lacks_classes_and_training_has_all_and_the_longest(tmp_path):
    frame = write(tmp_path)
    found = write_sample(tmp_path, tmp_path / "smoke", CONFIG)
    train, validation, few = (
        pl.read_parquet(tmp_path / "smoke" / f"{name}.parquet") for name in ("train", "validation", "overfit")
    )
    assert train["issue"].n_unique() == 6
    assert validation["issue"].n_unique() == 3
    assert train["body"].str.len_chars().max() == frame["body"].str.len_chars().max()
    assert found.rows == train.height < 250
    assert few["issue"].n_unique() == 4 and few.height == 16
    assert 0.9 < found.validation_work_ratio < 1.1
    assert 0.9 < found.work_ratio < 1.1


def test_a_share_of_the_rows_keeps_every_class(tmp_path):
    write(tmp_path)
    found = sample_rows(tmp_path / "train.parquet", "issue", 60, 0)
    assert found["issue"].value_counts()["count"].to_list() == [10] * 6
