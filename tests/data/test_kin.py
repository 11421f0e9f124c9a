"""Templates, groups and the rows that training leaves out."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ml_intern.data.groups import make_groups, told
from ml_intern.data.kin import Kin
from ml_intern.data.leave_out import OUTVOTED, UNCLEAR, contradicted
from ml_intern.data.normalise import normalise
from ml_intern.data.table import AuditTable
from ml_intern.records.data import Severity

from .conftest import Write, clean_rows
from .test_audit import find, need, report
from .test_near import sentences

PLACES = ["austria", "belgium", "chile", "denmark", "ecuador", "finland", "ghana", "haiti"]


def kin(texts: list[str]) -> Kin:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return Kin.of(frame.with_columns(normalise(frame["text"]).alias("normal")))


def frames(texts: list[str]) -> set[str]:
    return set(kin(texts).templates.frames)


@pytest.mark.parametrize(
    ("texts", "frame"),
    [
        ([f"Do you ship to {place}?" for place in PLACES[:5]], "do you ship to ___"),
        ([f"{place} is where I will be" for place in PLACES[:5]], "___ is where i will be"),
        ([f"my order {i}7 is late again" for i in range(5)], "my order 0 is late again"),
        ([f"please write to {name}@mail.example soon" for name in PLACES[:5]], "please write to 0 soon"),
        ([f"this page https://{name}.example/a is broken" for name in PLACES[:5]], "this page 0 is broken"),
        ([f"cancel my order {{{{{name} no}}}} now" for name in PLACES[:5]], "cancel my order 0 now"),
    ],
)
def test_a_template_is_found_with_five_fillings_and_not_with_four(texts: list[str], frame: str) -> None:
    others = sentences(100)
    assert frames([*texts, *others]) == {frame}
    assert not frames([*texts[:4], *others])


def test_what_is_no_template() -> None:
    assert not frames([f"{word} card" for word in PLACES])  # too few words around the open place
    assert not frames(["my card is lost again" + mark for mark in ("", ".", "!", "!!", "?", "...")])
    assert not frames(
        ["MY CARD IS LOST", "my card is lost", "My card is lost", "my Card is lost", "my card Is lost"]
    )
    assert not frames(["a b c d e", "b a c d f", "c b a d g", "d a b c h", "e d c b i"])
    assert frames([]) == frames(["one text alone here"]) == set()


def test_families_are_reported_with_the_template_as_evidence(write: Write) -> None:
    rows = clean_rows(200)
    filled = [(f"Do you ship to {place}?", "a") for place in PLACES]
    finding = need(report(write("t.csv", [*rows, *filled])), "template_families")
    assert (finding.rows, finding.severity) == (tuple(range(201, 208)), Severity.LOW)
    assert finding.examples[0] == "do you ship to ___ (8 rows)"
    assert "1 family" in finding.message
    assert find(report(write("t.csv", [*rows, *filled[:4]])), "template_families") is None


@pytest.mark.slow
def test_bitext_is_made_from_templates_and_banking77_is_not(bitext: Path, banking77: Path) -> None:
    data = report(bitext, "utterance", "category")
    finding = need(data, "template_families", "train")
    assert finding.count > 400 and finding.severity == Severity.LOW
    assert any("___" in example for example in finding.examples)
    assert need(data, "test_rows_nearly_repeat_training", "test").count > 400
    plain = need(report(banking77, "text", "category"), "template_families", "train")
    assert plain.share < 0.01 and plain.severity == Severity.INFO


def test_near_copies_within_and_across_splits(write: Write) -> None:
    train, test = clean_rows(200), clean_rows(100, 500)
    train[50] = (train[3][0].replace("arrived", "arived"), "a")
    train[51] = (train[4][0].upper(), "b")  # a normalised copy, which another check counts
    test[7] = ("hi " + train[9][0], "a")
    test[8] = (train[10][0], "a")
    test[9] = (test[2][0] + " now", "c")
    write("train.csv", train)
    data = report(write("test.csv", test).parent)
    within = need(data, "near_duplicates", "train")
    assert within.rows == (50,) and f"{train[50][0]} ≈ {train[3][0]}" in within.examples
    assert need(data, "near_duplicates", "test").rows == (9,)
    across = need(data, "test_rows_nearly_repeat_training", "test")
    assert (across.rows, across.severity) == ((7,), Severity.MEDIUM)
    assert len(across.examples) == 1 and " ≈ " in across.examples[0], (
        "the row that it repeats stands beside it"
    )
    mine, _, theirs = across.examples[0].partition(" ≈ ")
    assert (mine, theirs) == (test[7][0][:75], next(t for t, _ in train if t[:20] == theirs[:20])[:75])
    assert need(data, "test_rows_repeat_training", "test").rows == (8,)


def groups_of(texts: list[str]) -> tuple[dict[str, str], str]:
    family = kin(texts)
    made = make_groups(family, normalise(pl.Series("t", texts)))
    return made.group, told(made, len(texts))


def test_copies_and_templates_are_one_group_whatever_the_order() -> None:
    alone = sentences(200)
    copies = [alone[7] + " thanks", "hello " + alone[7] + " thanks"]
    filled = [f"do you ship to {place}" for place in PLACES]
    texts = [*alone, *copies, *filled]
    group, said = groups_of(texts)
    assert len({group[text] for text in (alone[7], *copies)}) == 1
    assert len({group[text] for text in filled}) == 1
    assert all(group[text] == text for i, text in enumerate(alone) if i != 7)
    assert groups_of(texts[::-1])[0] == group
    assert "cut" not in said


def test_a_group_too_large_for_one_part_is_cut_and_it_is_said() -> None:
    chance = sentences(100)
    chain = ["one two three four five six seven eight nine ten eleven twelve"]
    for word in PLACES * 3:  # each is near to the one before, the last is far from the first
        chain.append(" ".join([*chain[-1].split(" ")[1:], word + str(len(chain)).translate(_LETTERS)]))
    group, said = groups_of([*chance, *chain])
    assert len({group[text] for text in chain}) > 1
    assert f"of {len(chain)} rows (20%) was too large" in said


_LETTERS = str.maketrans("0123456789", "abcdefghij")


def judged(rows: list[tuple[str, str]]) -> dict[int, str]:
    frame = pl.DataFrame(rows, schema=["text", "label"], orient="row").with_row_index("row")
    out = contradicted(frame.with_columns(pl.lit("train").alias("split")))
    return dict(out.select("row", "reason").rows())


REST: list[tuple[str, str]] = [("p", "a"), ("q", "b"), ("r", "c")]


@pytest.mark.parametrize(
    ("labels", "left_out"),
    [
        ("a", {}),
        ("aaaa", {}),
        ("ab", {0: UNCLEAR, 1: UNCLEAR}),
        ("aab", {2: OUTVOTED}),
        ("aabb", {0: UNCLEAR, 1: UNCLEAR, 2: UNCLEAR, 3: UNCLEAR}),
        ("aaabb", {0: UNCLEAR, 1: UNCLEAR, 2: UNCLEAR, 3: UNCLEAR, 4: UNCLEAR}),
        ("aaaabc", {4: OUTVOTED, 5: OUTVOTED}),
    ],
)
def test_two_thirds_decide_between_labels(labels: str, left_out: dict[int, str]) -> None:
    assert judged([("same", label) for label in labels] + REST) == left_out


def test_what_the_policy_leaves_alone() -> None:
    assert judged([("same", "a"), ("Same", "b"), ("error 1", "a"), ("error 2", "b"), *REST]) == {}
    assert judged([("same", "a"), ("same", "only here"), *REST]) == {0: UNCLEAR}  # else a class would be lost
    held = pl.DataFrame({"text": ["s", "s"], "label": ["a", "b"], "split": ["test", "validation"]})
    assert contradicted(held).height == 0


def test_texts_are_compared_once_for_audit_and_split(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ml_intern.data import kin as module
    from ml_intern.data.audit import audit
    from ml_intern.data.load import load
    from ml_intern.data.split import make_split
    from ml_intern.records.data import ColumnChoice

    calls: list[Any] = []
    real = module.near_pairs
    monkeypatch.setattr(module, "near_pairs", lambda texts: calls.append(texts) or real(texts))
    table = AuditTable.of(load(write("t.csv", clean_rows(100))), "text", "label")
    audit(table, ColumnChoice(name="text", reason="-"), ColumnChoice(name="label", reason="-"))
    make_split(table, 0, tmp_path / "run")
    assert len(calls) == 1
