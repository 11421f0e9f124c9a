import hashlib
import json
import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio

from ml_intern.data.assign import assign
from ml_intern.data.files import write as write_file
from ml_intern.data.load import Table, Tables, load
from ml_intern.data.normalise import normalise_one
from ml_intern.data.split import make_split
from ml_intern.data.table import AuditTable
from ml_intern.records.base import FileRef, canonical_json
from ml_intern.records.data import DataFile, Split
from ml_intern.records.errors import DataUnfit, UsageProblem

from .conftest import Write, clean_rows
from .test_near import KINDS, edited, sentences

FILES = {"train": "data/train", "validation": "data/validation", "test": "data/test-inputs"}


def split(tables: Tables, folder: Path, seed: int = 0, text: str = "text", label: str = "label") -> Split:
    return make_split(AuditTable.of(tables, text, label), seed, folder)


def part(folder: Path, name: str) -> pl.DataFrame:
    """One part with the rows' own ids; the test inputs' stand-in ids are looked up in the sealed file."""
    frame = pl.read_parquet(folder / f"{FILES[name]}.parquet")
    if name != "test":
        return frame
    sealed = pl.read_parquet(folder / "sealed/test.parquet").select("row_id", "test_case_id")
    inputs = frame.rename({"row_id": "test_case_id"})
    return sealed.join(inputs, on="test_case_id", maintain_order="left").drop("test_case_id")


def left_out_lines(folder: Path, made: Split) -> list[dict[str, object]]:
    """What the run's folder says about the rows that were left out."""
    if made.left_out is None:
        return []
    return [json.loads(line) for line in (folder / made.left_out.path).read_text().splitlines()]


def conflicts(rows: list[tuple[str | None, str | None]]) -> list[tuple[str, str, int]]:
    """(text, label, rows) wherever a text stands under several labels."""
    seen = Counter((text, label) for text, label in rows if text and text.strip() and label)
    several = Counter(text for text, _ in seen)
    return [(text, label, count) for (text, label), count in seen.items() if several[text] > 1]


def one_file(rows: list[tuple[str | None, str | None]]) -> Tables:
    frame = pl.DataFrame(rows, schema={"text": pl.String, "label": pl.String}, orient="row")
    file = DataFile(name="tickets.csv", sha256="0" * 64, rows=frame.height, split=None)
    return Tables(Path("tickets.csv"), (Table(frame, file),))


def test_one_file_is_divided_in_three(tmp_path: Path) -> None:
    made = split(one_file([*clean_rows(300)]), tmp_path)
    assert made.rows == {"train": 240, "validation": 30, "test": 30}
    assert made.labels == ("a", "b", "c")
    assert made.repeated_test_rows == ()
    assert (
        part(tmp_path, "train").columns == part(tmp_path, "validation").columns == ["row_id", "text", "label"]
    )
    assert part(tmp_path, "test").columns == ["row_id", "text"]
    for name in ("train", "validation"):
        assert set(Counter(part(tmp_path, name)["label"]).values()) == {made.rows[name] // 3}
    sealed = pl.read_parquet(tmp_path / "sealed" / "test.parquet")
    assert sealed.columns == ["row_id", "test_case_id", "label"]
    assert sealed["row_id"].to_list() == part(tmp_path, "test")["row_id"].to_list()
    rows = clean_rows(300)
    assert all(rows[int(id.removeprefix("tickets:"))][1] == label for id, _, label in sealed.rows())


def test_files_are_sealed_pinned_and_complete(tmp_path: Path) -> None:
    made = split(one_file([*clean_rows(60)]), tmp_path)
    assert (tmp_path / "sealed").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "sealed" / "test.parquet").stat().st_mode & 0o777 == 0o600
    refs = [value for _, value in made if isinstance(value, FileRef)]
    assert len(refs) == 5
    for ref in refs:
        assert (tmp_path / ref.path).stat().st_size == ref.bytes
    assert made.fingerprint == made.manifest.sha256
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "train.parquet", "validation.parquet", "test-inputs.parquet", "test.parquet", "split-manifest.jsonl",
    }  # fmt: skip


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(tmp_path, "a.txt", b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_file(tmp_path, "a.txt", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"old")]


def test_manifest_lists_every_row_and_hides_test_labels(tmp_path: Path) -> None:
    rows = clean_rows(60)
    made = split(one_file([*rows]), tmp_path)
    lines = [json.loads(line) for line in (tmp_path / made.manifest.path).read_text().splitlines()]
    assert Counter(line["split"] for line in lines) == made.rows
    assert sorted(line["row"] for line in lines) == list(range(60))
    assert {line["file"] for line in lines} == {"tickets.csv"}
    for line in lines:
        plain = hashlib.sha256(json.dumps(rows[line["row"]]).encode()).hexdigest()
        assert (line["sha256"] == plain) == (line["split"] != "test")
    relabelled = [
        (text, "abca"["abc".index(label) + 1] if i == lines[-1]["row"] else label)
        for i, (text, label) in enumerate(rows)
    ]
    assert split(one_file([*relabelled]), tmp_path / "other").fingerprint != made.fingerprint


def test_official_splits_are_kept(write: Write, tmp_path: Path) -> None:
    train = clean_rows(90)
    write("train.csv", train)
    write("dev.csv", clean_rows(30, 100))
    test = [*clean_rows(28, 200), (train[5][0].upper(), "a"), clean_rows(1, 100)[0]]
    made = split(load(write("test.csv", test).parent), tmp_path)
    assert made.rows == {"train": 90, "validation": 30, "test": 30}
    assert part(tmp_path, "validation")["row_id"].to_list() == [f"validation:{i}" for i in range(30)]
    assert made.repeated_test_rows == ("test:28", "test:29")
    assert "kept" in made.strategy


def test_validation_is_carved_from_train(write: Write, tmp_path: Path) -> None:
    write("train.csv", clean_rows(90))
    made = split(load(write("test.csv", clean_rows(30, 200)).parent), tmp_path)
    assert made.rows == {"train": 81, "validation": 9, "test": 30}
    assert all(id.startswith("train:") for id in part(tmp_path, "validation")["row_id"])
    assert "10% of train became validation" in made.strategy


def test_validation_serves_as_test_where_there_is_none(write: Write, tmp_path: Path) -> None:
    write("train.csv", clean_rows(90))
    made = split(load(write("validation.csv", clean_rows(30, 200)).parent), tmp_path)
    assert made.rows == {"train": 81, "validation": 9, "test": 30}
    assert part(tmp_path, "test")["row_id"][3] == "validation:3"
    assert "no test file" in made.strategy


def test_a_folder_with_train_only(write: Write, tmp_path: Path) -> None:
    made = split(load(write("train.csv", clean_rows(90)).parent), tmp_path)
    assert made.rows == {"train": 72, "validation": 9, "test": 9}


def test_incomplete_rows_are_excluded_and_counted(tmp_path: Path) -> None:
    rows: list[tuple[str | None, str | None]] = [*clean_rows(60)]
    rows[3], rows[4], rows[5], rows[6] = (" ", "a"), (None, None), ("x y", None), ("x y", "\t")
    made = split(one_file(rows), tmp_path)
    assert made.excluded == {"text is missing": 2, "label is missing": 2}
    assert sum(made.rows.values()) == 56


def test_rare_classes_stay_in_train(tmp_path: Path) -> None:
    made = split(one_file([*clean_rows(90), ("odd one", "rare"), ("odd other", "rare")]), tmp_path)
    assert part(tmp_path, "train")["label"].to_list().count("rare") == 2
    assert "1 class has too few different texts" in made.strategy


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*clean_rows(3)], "Only 3 rows to learn from"),
        ([*clean_rows(19)], "Only 19 rows"),
        ([(text, "a") for text, _ in clean_rows(60)], "All 60 rows have the same label, 'a'"),
        ([(text, f"id{i}") for i, (text, _) in enumerate(clean_rows(60))], "looks like free text or an id"),
        (
            [(text, f"c{i % 1001}") for i, (text, _) in enumerate(clean_rows(3000))],
            "has 1,001 different values",
        ),
        ([(f"hello {i}", "ab"[i % 2]) for i in range(60)], "too few different texts"),
        ([("a b" if i % 2 else "c d", "ab"[i % 2]) for i in range(60)], "too few different texts"),
        ([(text, None) for text, _ in clean_rows(60)], "The file has no label in any of its 60 rows"),
        ([(None, "a")] * 30, "The file has no text in any of its 30 rows"),
        ([("a b", None), (None, "a")] * 30, "No row of the all part has both"),
    ],
)
def test_unfit_data(tmp_path: Path, rows: list[tuple[str | None, str | None]], message: str) -> None:
    with pytest.raises(DataUnfit) as caught:
        split(one_file(rows), tmp_path / "run")
    assert message in caught.value.message
    assert caught.value.hint
    assert not (tmp_path / "run").exists()


def test_a_test_split_without_labels(write: Write, tmp_path: Path) -> None:
    write("train.csv", clean_rows(60))
    folder = write("test.csv", [(text, "") for text, _ in clean_rows(30, 100)]).parent
    with pytest.raises(DataUnfit, match="The test split has no label in any of its 30 rows"):
        split(load(folder), tmp_path)


def test_a_column_called_row_id(write: Write, tmp_path: Path) -> None:
    rows = [(text, label, "7") for text, label in clean_rows(60)]
    tables = load(write("t.csv", rows, ("text", "label", "row_id")))
    assert part(tmp_path, "train")["row_id"].n_unique() == 48 if split(tables, tmp_path) else False
    with pytest.raises(UsageProblem, match="called 'row_id' cannot be the text or the label"):
        split(tables, tmp_path, label="row_id")


def test_other_types_of_label_become_text(tmp_path: Path) -> None:
    pl.DataFrame([(text, "abc".index(label)) for text, label in clean_rows(60)], schema=["text", "label"], orient="row").write_parquet(tmp_path / "t.parquet")  # fmt: skip # noqa: E501
    assert split(load(tmp_path / "t.parquet"), tmp_path).labels == ("0", "1", "2")


def test_real_data(bitext: Path, banking77: Path, tmp_path: Path) -> None:
    made = split(load(bitext), tmp_path / "b", text="utterance", label="category")
    assert made.rows == {"train": 6480, "validation": 810, "test": 810}
    assert len(made.repeated_test_rows) >= 77
    made = split(load(banking77), tmp_path / "k", label="category")
    assert len(made.labels) == 77
    assert part(tmp_path / "k", "validation")["category"].n_unique() == 77
    assert len(made.repeated_test_rows) == 25


words = st.sampled_from(
    ["card", "Card", "lost", "late", "refund!", "refund", "1", "22", "order", "ship", "ok"]
)
texts = st.none() | st.lists(words, max_size=4).map(" ".join)
labels = st.sampled_from(["x", "y", "z", "", None])
datasets = st.lists(st.tuples(texts, labels), max_size=80).map(lambda rows: [*rows, *clean_rows(30)])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(rows=datasets, seed=st.integers(0, 5))
def test_groups_never_straddle_and_no_row_is_lost(
    rows: list[tuple[str | None, str | None]], seed: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        made = split(one_file(rows), folder / "1", seed)
        parts = {name: part(folder / "1", name) for name in FILES}
        ids = [id for frame in parts.values() for id in frame["row_id"]]
        usable = [i for i, (text, label) in enumerate(rows) if text and text.strip() and label]
        left_out = [line["row_id"] for line in left_out_lines(folder / "1", made)]
        assert sorted([*ids, *left_out]) == sorted(f"tickets:{i}" for i in range(len(rows)))
        assert not set(ids) & set(left_out) and len(left_out) == sum(made.excluded.values())
        contradicted = {text for text, _, _ in conflicts(rows)}
        assert set(usable) - {int(id.removeprefix("tickets:")) for id in ids} <= {
            i for i in usable if rows[i][0] in contradicted
        }
        where: dict[str, set[str]] = {}
        for name, frame in parts.items():
            for text in frame["text"]:
                where.setdefault(normalise_one(text), set()).add(name)
        assert all(len(names) == 1 for names in where.values())
        assert canonical_json(split(one_file(rows), folder / "2", seed)) == canonical_json(made)
        for path in (folder / "1").rglob("*.*"):
            assert path.read_bytes() == (folder / "2" / path.relative_to(folder / "1")).read_bytes()


def test_another_seed_gives_another_split(tmp_path: Path) -> None:
    tables = one_file([*clean_rows(300)])
    prints = {split(tables, tmp_path / str(seed), seed).fingerprint for seed in range(3)}
    assert len(prints) == 3


def test_the_split_of_this_data_never_changes(tmp_path: Path) -> None:
    """A change here gives every user another split for the same seed: it needs a major version."""
    made = split(one_file([*clean_rows(30)]), tmp_path, seed=7)
    assert made.fingerprint == "58aaaab9c8f6e4db6f5e1d8b1edb48ea730e71bda0ec0c79634ca812ec5ab413"


@given(
    st.lists(st.tuples(st.integers(0, 30).map(str), st.sampled_from("ab")), min_size=1, max_size=200),
    st.integers(0, 3),
)
def test_every_class_keeps_its_share(rows: list[tuple[str, str]], seed: int) -> None:
    parts = assign(rows, {"test": 0.1, "validation": 0.1}, seed)
    assert parts == assign(rows[::-1], {"test": 0.1, "validation": 0.1}, seed)
    main = {group: min("ab", key=lambda label: (-rows.count((group, label)), label)) for group in parts}
    for label in "ab":
        held = Counter(parts[group] for group in parts if main[group] == label)
        if held.total() >= 3:
            assert all(held[name] for name in ("train", "validation", "test"))
        else:
            assert set(held) <= {"train"}


@pytest.mark.parametrize("seed", range(5))
def test_a_class_of_one_large_and_two_small_groups_reaches_every_part(seed: int) -> None:
    rows = [("large", "a")] * 28 + [("one", "a"), ("two", "a")]
    parts = assign(rows, {"test": 0.1, "validation": 0.1}, seed)
    assert sorted(parts.values()) == ["test", "train", "validation"]
    assert parts["large"] == "train"


def test_ids_and_order_of_test_inputs_tell_nothing_of_a_file_sorted_by_label(tmp_path: Path) -> None:
    rows = [(f"{word} {i} {'x' * i}", word) for word in ("apple", "brook", "cloud") for i in range(40)]
    split(one_file(rows), tmp_path)
    inputs = pl.read_parquet(tmp_path / "data/test-inputs.parquet")
    assert not any(":" in row_id for row_id in inputs["row_id"])
    labels = [text.split()[0] for text in inputs["text"]]
    assert labels != sorted(labels)
    assert inputs["row_id"].is_sorted()


def planted_copies(seed: int) -> list[tuple[str | None, str | None]]:
    """Rows of which a fifth are edited copies of others, under the labels of those."""
    chance = random.Random(seed)
    rows = [(text, "abc"[i % 3]) for i, text in enumerate(sentences(240, seed))]
    return [
        *rows,
        *((edited(text, chance.choice(KINDS), chance), label) for text, label in chance.sample(rows, 60)),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_no_near_copy_and_no_template_straddles_a_made_split(tmp_path: Path, seed: int) -> None:
    filled = [(f"do you ship to {name}", "abc"[i % 3]) for i, name in enumerate("abcdefghijkl")]
    made = split(one_file([*planted_copies(seed), *filled]), tmp_path, seed)
    texts = [(name, text) for name in FILES for text in part(tmp_path, name)["text"]]
    for i, (where, one) in enumerate(texts):
        for there, other in texts[:i]:
            assert where == there or ratio(one, other) < 85, (one, other)
    assert len({where for where, text in texts if text.startswith("do you ship")}) == 1
    assert made.nearly_repeated_test_rows == made.repeated_test_rows == ()
    assert "cut" not in made.strategy
    for name in ("validation", "test"):
        assert made.rows[name] == pytest.approx(31, abs=4)
    counts = Counter(part(tmp_path, "validation")["label"])
    assert min(counts.values()) >= 6


def test_a_split_with_copies_is_the_same_to_the_byte(tmp_path: Path) -> None:
    tables = one_file([*planted_copies(1), ("twice told tale here", "a"), ("twice told tale here", "b")])
    for folder in ("1", "2"):
        split(tables, tmp_path / folder, 5)
    files = [path for path in (tmp_path / "1").rglob("*") if path.is_file()]
    assert len(files) == 6
    for path in files:
        assert path.read_bytes() == (tmp_path / "2" / path.relative_to(tmp_path / "1")).read_bytes()


def test_near_copies_leave_the_clean_subset_of_an_official_test_split(write: Write, tmp_path: Path) -> None:
    train, dev = clean_rows(90), clean_rows(30, 100)
    dev[5] = (train[5][0] + " now", "a")  # so that what repeats a row has a near-copy as well
    write("train.csv", train)
    write("dev.csv", dev)
    test = [
        *clean_rows(27, 200),
        (train[5][0].upper(), "a"),
        ("hi " + train[6][0], "a"),
        (dev[3][0] + "s", "c"),
    ]
    made = split(load(write("test.csv", test).parent), tmp_path)
    assert made.repeated_test_rows == ("test:27",)
    assert made.nearly_repeated_test_rows == ("test:28", "test:29")
    assert made.seen_test_rows == ("test:27", "test:28", "test:29")


def test_contradicting_training_rows_are_left_out_and_named(write: Write, tmp_path: Path) -> None:
    train, dev, test = clean_rows(90), clean_rows(30, 100), clean_rows(30, 200)
    train[40] = (train[4][0], "c")  # row 4 says "b"
    train[50], train[60] = (train[5][0], train[5][1]), (train[5][0], "a")  # two of three agree
    train[70] = train[7]
    test[8], dev[9] = (test[2][0], "a" if test[2][1] != "a" else "b"), (dev[3][0], "c")
    write("train.csv", train)
    write("dev.csv", dev)
    location = write("test.csv", test).parent
    before = (location / "train.csv").read_bytes()
    made = split(load(location), tmp_path / "run")
    left_out = left_out_lines(tmp_path / "run", made)
    assert [(line["row_id"], line["file"], line["row"]) for line in left_out] == [
        ("train:4", "train.csv", 4), ("train:40", "train.csv", 40), ("train:60", "train.csv", 60),
    ]  # fmt: skip
    assert all(set(line) == {"row_id", "file", "row", "reason"} for line in left_out)  # no label, no text
    assert made.rows == {"train": 87, "validation": 30, "test": 30}
    assert sum(made.excluded.values()) == 3 and len(made.excluded) == 2
    ids = set(part(tmp_path / "run", "train")["row_id"])
    assert not ids & {"train:4", "train:40", "train:60"} and {"train:5", "train:50", "train:70"} <= ids
    assert "3 rows" not in made.policy and "2 because" in made.policy and "left-out.jsonl" in made.policy
    assert (location / "train.csv").read_bytes() == before
    manifest = (tmp_path / "run" / made.manifest.path).read_text().splitlines()
    assert len(manifest) == sum(made.rows.values())


def test_a_split_stored_before_near_copies_were_known_is_still_read(tmp_path: Path) -> None:
    made = split(one_file([*clean_rows(60)]), tmp_path)
    new = {"nearly_repeated_test_rows", "policy", "left_out"}
    old = Split.model_validate(made.model_dump(mode="json", exclude=new))
    assert old.seen_test_rows == old.repeated_test_rows
    assert (old.policy, old.left_out) == ("", None)


WORDS = [" ".join((chr(97 + i % 26) * 5, chr(97 + i // 26) * 7, chr(122 - i % 25) * 9)) for i in range(90)]


def test_other_columns_of_the_test_rows_are_kept_where_they_group_them(tmp_path: Path) -> None:
    rows = [(WORDS[i], f"class {i % 2}", ("web", "mail", None)[i % 3], str(i)) for i in range(90)]
    frame = pl.DataFrame(rows, schema=["text", "label", "row_id2", "order"], orient="row")
    frame = frame.rename({"row_id2": "part"})  # one of our own names
    file = DataFile(name="tickets.csv", sha256="0" * 64, rows=frame.height, split=None)
    made = split(Tables(tmp_path, (Table(frame, file),)), tmp_path)
    assert made.test_columns is not None
    found = pl.read_parquet(tmp_path / made.test_columns.path)
    assert found.columns == ["row_id", "part"] and found.height == made.rows["test"]
    for row_id, value in found.rows():
        assert value == ("web", "mail", None)[int(row_id.split(":")[1]) % 3]
    assert (tmp_path / made.test_columns.path).stat().st_mode & 0o777 == 0o600
    bare = split(one_file([(WORDS[i], f"class {i % 2}") for i in range(60)]), tmp_path / "bare")
    assert bare.test_columns is None
