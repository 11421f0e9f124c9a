"""Every error that a user can meet here says what is wrong and what to do, with its exit code."""

import pytest

from tests.runs import TASK, ml_intern


def write(path, text):
    path.write_text(text)
    return path


def rows(*lines: str) -> str:
    return "ticket,issue_type\n" + "".join(f"{line}\n" for line in lines)


MANY = [f"text number {chr(97 + i // 26)}{chr(97 + i % 26)} about things,label{i}" for i in range(300)]
CASES = {
    "no such file": (None, 2, "nothing.csv"),
    "empty file": ("", 6, "empty"),
    "one class": (rows(*[f"my parcel {chr(97 + i)} is late,delivery" for i in range(26)]), 6, "same label"),
    "three rows": (rows("my parcel is late,x", "your app is so slow,y", "where is my order,x"), 6, "rows"),
    "a label for each row": (rows(*MANY), 6, "label"),
    "5,000 labels": (
        rows(*[f"text about the matter {i},label{i % 5000}" for i in range(12_000)]),
        6,
        "5,000",
    ),
    "no header": (
        "my parcel has not arrived yet,delivery\n"
        + "".join(f"it is late by {i} days,{'delivery' if i % 2 else 'refund'}\n" for i in range(30)),
        2,
        "no header",
    ),
    "numbers and no header": (
        "1,delivery\n" + "".join(f"{i},{'delivery' if i % 2 else 'refund'}\n" for i in range(2, 40)),
        2,
        "no header",
    ),
    "ragged": ("ticket,issue_type\na,b\na,b,c,d\n", 2, "line"),
}


@pytest.mark.parametrize("case", CASES)
def test_data_that_cannot_serve_is_refused_in_plain_words(tmp_path, case):
    content, code, says = CASES[case]
    path = tmp_path / "nothing.csv"
    if content is not None:
        path = write(tmp_path / "tickets.csv", content)
    ended = ml_intern(tmp_path / "home", "run", TASK, "--data", path, "--label", "issue_type", "--json")
    assert ended.code == code, ended.out + ended.err
    assert says in ended.result["error"]
    assert ended.result["hint"]
    assert "Traceback" not in ended.err + ended.out


def test_mixed_encodings_are_located(tmp_path):
    path = tmp_path / "tickets.csv"
    good = "".join(f"café number {i},food\n" for i in range(30)).encode()
    path.write_bytes(b"ticket,issue_type\n" + good + "caf\xe9 latte,food\n".encode("cp1252"))
    ended = ml_intern(tmp_path / "home", "run", TASK, "--data", path, "--json")
    assert ended.code == 2
    assert "line 32: byte 0xe9 is not UTF-8" in ended.result["error"]
    assert "iconv" in ended.result["hint"]


def test_binary_garbage_is_refused(tmp_path):
    path = tmp_path / "tickets.csv"
    path.write_bytes(bytes(range(256)) * 50)
    ended = ml_intern(tmp_path / "home", "run", TASK, "--data", path, "--json")
    assert (ended.code, ended.result["status"]) == (2, "failed")


def test_an_unknown_column_is_named_with_those_there_are(tmp_path, tickets):
    ended = ml_intern(tmp_path, "run", TASK, "--data", tickets, "--label", "isue_type", "--json")
    assert ended.code == 2
    assert "isue_type" in ended.result["error"]
    assert "issue_type" in ended.result["error"] + ended.result["hint"]


def test_two_possible_label_columns_are_asked_about(tmp_path, tickets):
    lines = tickets.read_text().splitlines()
    both = [f"{line},{'AB'[i % 2]}" for i, line in enumerate(lines[1:])]
    path = write(tmp_path / "two.csv", "\n".join(["ticket,kind_one,kind_two", *both]))
    ended = ml_intern(tmp_path / "home", "run", "Label tickets by mood", "--data", path, "--json")
    assert ended.code == 2
    assert "kind_one" in ended.result["error"] and "--label" in ended.result["hint"]


@pytest.mark.parametrize(
    ("task", "code", "says"),
    [
        ("asdf", 2, "What should be done"),
        ("sort tickets", 2, "What should be predicted"),
        ("label tickets by issue type with DistilBERT", 2, "distilbert/distilbert-base-uncased"),
        ("classify photos by breed", 6, "asks for images"),
        ("predict the price of a house", 6, "numbers"),
    ],
)
def test_a_task_that_is_not_understood_or_not_possible_says_so(tmp_path, tickets, task, code, says):
    ended = ml_intern(tmp_path, "run", task, "--data", tickets, "--json")
    assert ended.code == code
    assert says in ended.result["error"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--budget", "-1"], "--budget"),
        (["--budget", "NaN"], "--budget"),
        (["--budget", "lots"], "--budget"),
        (["--budget", "0.0000001"], "--budget"),
        (["--time-limit", "0"], "--time-limit"),
        (["--unknown", "coverage=98"], "--unknown"),
        (["--unknown", "error=nan"], "--unknown"),
        (["--unknown-data", "nowhere.csv"], "nowhere.csv"),
        (["--time-limit", "nan"], "--time-limit"),
        (["--until", "nowhere"], "nowhere"),
        (["--approve", "everything"], "approve"),
    ],
)
def test_malformed_options_are_refused(tmp_path, tickets, arguments, says):
    ended = ml_intern(tmp_path, "run", TASK, "--data", tickets, *arguments)
    assert ended.code == 2
    assert says in ended.told


def test_no_data_and_no_run(tmp_path):
    nothing = {"HF_ENDPOINT": "", "HF_TOKEN": "", "HF_HOME": str(tmp_path / "hf")}
    ended = ml_intern(tmp_path / "other", "run", TASK, hub=nothing)
    assert ended.code == 2 and "No data was named" in ended.told
    for command in (["resume"], ["approve"], ["deny"], ["cancel"], ["show"], ["logs"], ["rm", "x"]):
        ended = ml_intern(tmp_path, *command)
        assert (ended.code, "no run" in ended.told) == (2, True), command
    assert ml_intern(tmp_path, "rnus").code == 2


def test_data_that_changes_under_a_run_is_noticed(tmp_path, tickets):
    path = write(tmp_path / "tickets.csv", tickets.read_text())
    home = tmp_path / "home"
    assert ml_intern(home, "run", TASK, "--data", path, "--until", "research", "--json").code == 0
    write(path, tickets.read_text() + "one more,delivery\n")
    ended = ml_intern(home, "resume", "--json")
    assert ended.code == 1
    assert "was changed after the task was accepted" in ended.result["error"]


def test_a_sentence_alone_is_a_task(tmp_path, tickets):
    ended = ml_intern(tmp_path, TASK, "--data", tickets, "--until", "define", "--json")
    assert ended.code == 0
    assert ended.result["stage"] == "research"
