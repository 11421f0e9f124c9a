"""The audit finds in the built-in tickets what was planted there: each row of it, and nothing else."""

from pathlib import Path

import polars as pl
import pytest
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist

from ml_intern.app.demo import TASK
from ml_intern.data.audit import audit
from ml_intern.data.columns import choose
from ml_intern.data.courtesy import bare
from ml_intern.data.load import load
from ml_intern.data.normalise import normalise
from ml_intern.data.table import AuditTable
from ml_intern.demo.flaws import Flaw, Flaws, Planted
from ml_intern.demo.tickets import KEY, make_tickets, write_splits, write_tickets
from ml_intern.records.data import ColumnChoice, Finding, Severity
from tests.data.conftest import report

CLEAN = Flaws(duplicates=0, near_copies=0, conflicting_labels=0, missing_texts=0, imbalance=1)
LIKE_TRAINING = "test_rows_nearly_repeat_training"
SPLITS = ("train", "validation", "test")
DESCRIBING = {
    "text_lengths", "identifier_columns", "label_in_text", "label_errors", "look_alike_classes",
    "class_interval", "time_leakage", "key_words", "licence_unknown",
}  # fmt: skip
"""The tickets are ambiguous on purpose and their test rows no later than the others."""

Found = dict[tuple[str, str | None], Finding]


ALIKE = ("near_duplicates", "template_families", "validation_rows_nearly_repeat_training", LIKE_TRAINING)
"""Tickets put together from phrases are alike now and then without being planted; see the test on that."""


def find(data: Path) -> Found:
    """The findings about `data`, but for likeness and for those that describe it and name no planted flaw."""
    return {where: finding for where, finding in find_all(data).items() if where[0] not in ALIKE}


def find_all(data: Path) -> Found:
    """All findings about `data`, but for those that describe it."""
    tables = load(data)
    choices = choose(tables, "issue type", TASK)
    assert isinstance(choices.text, ColumnChoice) and choices.text.name == "ticket"
    assert isinstance(choices.label, ColumnChoice) and choices.label.name == "issue_type"
    table = AuditTable.of(tables, choices.text.name, choices.label.name)
    findings = audit(table, choices.text, choices.label).findings
    flaws = [finding for finding in findings if finding.id not in DESCRIBING]
    found = {(finding.id, finding.split): finding for finding in flaws}
    assert len(found) == len(flaws)
    return found


def expected(planted: Planted) -> dict[tuple[str, str | None], set[int]]:
    """The rows that each finding should have: of a conflict both, of a repetition the later ones."""
    rows = {
        (id, split): {row for flaw in flaws for row in planted.rows(flaw, split)}
        for split in SPLITS
        for id, flaws in _MEANING.items()
    }
    for plant in planted.plants:
        if plant.flaw == "conflicting_label" and plant.source is not None:
            rows["conflicting_labels", plant.split].add(plant.source)
    for split in ("validation", "test"):
        rows[f"{split}_rows_repeat_training", split] = set(planted.rows("near_copy", split))
    return {where: numbers for where, numbers in rows.items() if numbers}


_MEANING: dict[str, tuple[Flaw, ...]] = {
    "missing_text": ("missing_text",),
    "exact_duplicates": ("duplicate", "conflicting_label"),
    "conflicting_labels": ("conflicting_label",),
}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "rates",
    [
        {},
        {"duplicates": 0.3},
        {"near_copies": 0.5},
        {"conflicting_labels": 0.2},
        {"missing_texts": 0.4},
        {"duplicates": 0.1, "near_copies": 0.3, "conflicting_labels": 0.1, "missing_texts": 0.1},
    ],
    ids=lambda rates: "+".join(rates) or "clean",
)
def test_the_audit_finds_the_planted_rows_and_no_others(tmp_path, seed, rates):
    planted = write_splits(tmp_path, 1000, seed, CLEAN.model_copy(update=rates))
    found = find(tmp_path)
    assert {where: set(finding.rows) for where, finding in found.items()} == expected(planted)
    for finding in found.values():
        assert finding.count == len(set(finding.rows))


@pytest.mark.parametrize("seed", [0, pytest.param(3, marks=pytest.mark.long)])
def test_the_default_flaws_are_found_and_the_leak_leads(tmp_path, seed):
    planted = write_splits(tmp_path, seed=seed)
    found = find(tmp_path)
    imbalance = found.pop(("class_imbalance", "train"))
    assert {where: set(finding.rows) for where, finding in found.items()} == expected(planted)
    sizes = planted.classes["train"].values()
    assert imbalance.count == min(sizes)
    assert f"{max(sizes) / min(sizes):.1f} to 1" in imbalance.message
    (id, split), first = next(iter(found.items()))
    assert (id, split, first.severity) == ("test_rows_repeat_training", "test", Severity.CRITICAL)
    assert (first.count, first.share) == (27, 0.06)
    assert "0 to the letter, 27 once digits, case and punctuation are masked" in first.message


@pytest.mark.parametrize(("imbalance", "seed"), [(2.5, 0), pytest.param(30, 1, marks=pytest.mark.long)])
def test_imbalance_is_what_was_asked_for(tmp_path, imbalance, seed):
    planted = write_splits(tmp_path, 3000, seed, CLEAN.model_copy(update={"imbalance": imbalance}))
    found = find(tmp_path)
    assert list(found) == [("class_imbalance", "train")]
    sizes = planted.classes["train"].values()
    assert f"{max(sizes) / min(sizes):.1f} to 1" in found["class_imbalance", "train"].message
    assert max(sizes) / min(sizes) == pytest.approx(imbalance, rel=0.05)


def test_clean_tickets_have_no_finding_that_matters(tmp_path):
    write_splits(tmp_path, 3000, 0, CLEAN)
    findings = report(tmp_path, "ticket", "issue_type").findings
    assert all(f.severity.rank <= Severity.LOW.rank for f in findings if f.id not in ALIKE)


def test_the_rates_are_kept_in_every_split():
    flaws = Flaws(duplicates=0.02, near_copies=0.1, conflicting_labels=0.04, missing_texts=0.06)
    planted = make_tickets(2000, 0, flaws).planted
    shares: dict[Flaw, float] = {"duplicate": 0.02, "conflicting_label": 0.04, "missing_text": 0.06}
    for split, rows in (("train", 1400), ("validation", 300), ("test", 300)):
        for flaw, share in shares.items():
            assert len(planted.rows(flaw, split)) == round(share * rows)
    assert [len(planted.rows("near_copy", split)) for split in SPLITS] == [0, 30, 30]
    touched = [(plant.split, plant.row) for plant in planted.plants]
    assert len(set(touched)) == len(touched)


def test_in_one_file_a_near_copy_repeats_an_earlier_row(tmp_path):
    flaws = CLEAN.model_copy(update={"near_copies": 0.2})
    write_tickets(tmp_path / "tickets.csv", 1000, 5, flaws)
    found = find(tmp_path / "tickets.csv")
    planted = make_tickets(1000, 5, flaws).planted
    rows = [700 + row for row in planted.rows("near_copy", "validation")]
    rows += [850 + row for row in planted.rows("near_copy", "test")]
    assert {where: list(finding.rows) for where, finding in found.items()} == {
        ("normalised_duplicates", None): rows
    }


def test_the_key_lies_beside_the_data_and_is_no_part_of_it(tmp_path):
    planted = write_splits(tmp_path, 300)
    assert Planted.model_validate_json((tmp_path / KEY).read_text()) == planted
    tables = load(tmp_path)
    assert tables.columns == ("ticket_id", "created", "channel", "ticket", "issue_type")
    assert [table.file.name for table in tables.items] == ["train.csv", "validation.csv", "test.csv"]


def test_near_copies_are_those_that_comparing_every_pair_finds(tmp_path):
    """Nobody plants them; here the key is rapidfuzz, given every pair, and equality without courtesies."""
    tickets = write_splits(tmp_path, seed=4) and make_tickets(seed=4).splits
    found = find_all(tmp_path)
    texts = {split: normalise(table["ticket"]).to_list() for split, table in tickets.items()}
    first = {
        split: [texts[split].index(t) == i and t is not None for i, t in enumerate(texts[split])]
        for split in SPLITS
    }
    missed, all_rows = 0, 0
    for split in SPLITS:
        expected = {row for row, _ in alike(texts[split], texts[split], first[split]) if first[split][row]}
        rows = set(found["near_duplicates", split].rows)
        assert rows <= expected
        missed, all_rows = missed + len(expected - rows), all_rows + len(expected)
    assert missed <= 0.05 * all_rows
    known = {text for split in ("train", "validation") for text in texts[split] if text}
    expected = {row for row, _ in alike(texts["test"], sorted(known)) if texts["test"][row] not in known}
    finding = found[LIKE_TRAINING, "test"]
    assert set(finding.rows) <= expected and finding.count >= 0.95 * len(expected) > 0
    assert finding.severity is Severity.MEDIUM


def alike(texts, others, first=None):
    """Pairs (row, other) of near-copies; given `first`, only earlier others that it marks."""
    scores = cdist([t or "" for t in texts], [t or "" for t in others], scorer=ratio, score_cutoff=85)
    plain, others_plain = (
        bare(pl.Series([t or "" for t in each], dtype=pl.String)) for each in (texts, others)
    )
    scores += plain.to_numpy()[:, None] == others_plain.to_numpy()[None, :]
    for row, other in zip(*scores.nonzero(), strict=True):
        one, two = texts[row], others[other]
        if one and two and one != two and len(one) >= 12 and len(two) >= 12:
            if first is None or (other < row and first[other]):
                yield int(row), int(other)
