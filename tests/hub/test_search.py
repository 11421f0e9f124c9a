"""Without --data: a Hub of real datasets and decoys, the real client, the walkthrough's own sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from ml_intern.app.drive import start
from ml_intern.app.home import open_home
from ml_intern.app.shell import Shell
from ml_intern.demo.tickets import write_tickets
from ml_intern.records.data import DataReport
from ml_intern.records.research import BY_CRITERIA, BY_USER, DatasetChoice, ModelChoice, Verdict
from ml_intern.records.runs import RunRequest
from ml_intern.records.spec import TaskSpec
from ml_intern.training.base_models import DEFAULT
from tests.hub.shelf import (
    BANKING,
    BITEXT,
    CLINC,
    SENTENCE,
    Shelf,
    card,
    decoys,
    put,
    real_ones,
    shelf,
)
from tests.runs import ml_intern, opened_run


@pytest.fixture(scope="module")
def full(datasets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shelf, dict[str, str]]]:
    scratch = tmp_path_factory.mktemp("full")
    with shelf(scratch / "hub") as found:
        api = HfApi(endpoint=found.endpoint, token=found.token)
        real_ones(api, datasets)
        yield found, decoys(api, scratch)


@pytest.fixture(scope="module")
def poor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A Hub with one usable dataset whose licence nobody knows, and one of a loading script."""
    scratch = tmp_path_factory.mktemp("poor")
    write_tickets(scratch / "tickets.csv", rows=400)
    with shelf(scratch / "hub") as found:
        api = HfApi(endpoint=found.endpoint, token=found.token)
        tickets = {"a.csv": (scratch / "tickets.csv").read_bytes()}
        put(api, "acme/ticket-topics", card("Tickets", "Support tickets"), tickets)
        put(
            api,
            "acme/ticket-script",
            card("Tickets", "Support tickets", "mit"),
            {"ticket-script.py": b"1 / 0"},
        )
        for name, files in (
            ("acme/pickled", {"pytorch_model.bin": b"\x80\x04."}),
            ("acme/small-encoder", {"model.safetensors": b"\x02\x00\x00\x00\x00\x00\x00\x00{}"}),
        ):
            api.create_repo(name)
            head = b"---\nlicense: mit\npipeline_tag: fill-mask\nlanguage: en\n---\n"
            added = [CommitOperationAdd(path, content) for path, content in files.items()]
            api.create_commit(name, [CommitOperationAdd("README.md", head), *added], commit_message="model")
        yield found


@pytest.mark.slow
def test_the_walkthrough_chooses_the_right_dataset_and_says_why_the_others_lost(full, tmp_path):
    found, reasons = full
    ended = ml_intern(tmp_path, "run", SENTENCE, "--until", "inspect", "--json", hub=found.environment())
    assert ended.code == 0, ended.err
    with opened_run(tmp_path) as run:
        choice, spec, report = run.need(DatasetChoice), run.need(TaskSpec), run.need(DataReport)
    assert spec.data is None and choice.data is not None and choice.data.hub is not None
    assert (choice.name, choice.licence, choice.accepted_by) == (BITEXT, "cdla-sharing-1.0", BY_CRITERIA)
    assert choice.revision == choice.data.hub.commit and len(choice.revision) == 40
    assert (report.text.name, report.label.name, report.rows) == ("utterance", "category", 8_100)
    told = {each.name: each for each in choice.candidates}
    assert set(told) == {BITEXT, BANKING, CLINC, *reasons}
    assert "category" in choice.reason and "8,100 rows" in choice.reason and "90" in choice.reason
    for name, reason in reasons.items():
        assert told[name].verdict is Verdict.UNFIT and reason in told[name].reason, told[name]
    for name in (BANKING, CLINC):
        assert told[name].verdict is not Verdict.CHOSEN and "support" in told[name].reason, told[name]
    shown = next(event for event in ended.events if event.get("candidates"))
    assert [each["name"] for each in shown["candidates"]] == [each.name for each in choice.candidates]
    for text in (ended.out, ended.err):
        assert "\x1b" not in text and "\u202e" not in text and found.reader not in text
    assert not list((tmp_path / "datasets" / "looked-into").glob("*"))  # the losers' rows are not kept


def driven(home: Path, sentence: str, ask=lambda question, options: None, interactive=False, **request):
    """The result of a run up to the research; this process's variables name the Hub."""
    shell = Shell(
        listen=lambda event: None, ask=ask, approve=lambda subject, sha256: None, interactive=interactive
    )
    opened = open_home(home)
    try:
        return start(opened, RunRequest(sentence=sentence, **request), shell, until="research")
    finally:
        opened.engine.dispose()


@pytest.fixture
def at_poor(poor, monkeypatch):
    for name, value in poor.environment().items():
        monkeypatch.setenv(name, value)


def test_the_user_may_take_another_one_whatever_the_criteria_say(at_poor, tmp_path):
    questions = []

    def ask(question: str, options: tuple[str, ...]) -> str:
        questions.append((question, options))
        return options[0]

    result = driven(tmp_path, "Label support tickets by issue type and publish it", ask, interactive=True)
    assert result["exit_code"] == 0, result["error"]
    question, options = questions[-1]
    assert "None meets what the task needs" in question and options == ("acme/ticket-topics", "none")
    with opened_run(tmp_path) as run:
        choice = run.need(DatasetChoice)
    assert (choice.name, choice.accepted_by, choice.private_use_only) == ("acme/ticket-topics", BY_USER, True)


def test_nothing_unfit_is_taken_where_nobody_can_be_asked(at_poor, tmp_path):
    result = driven(tmp_path, "Label support tickets by issue type and publish it")
    assert result["exit_code"] == 2 and result["stage"] == "research"
    assert "no licence" in result["error"] and "code of strangers" in result["error"]
    assert "such as acme/ticket-topics" in result["hint"]


def test_for_private_use_an_unknown_licence_will_do_and_the_measured_base_model_wins(
    at_poor, tmp_path, mini_lm
):
    result = driven(tmp_path, "Label support tickets by issue type, fine-tune a lightweight transformer")
    assert result["exit_code"] == 0, result["error"]
    with opened_run(tmp_path) as run:
        data, choice = run.need(DatasetChoice), run.need(ModelChoice)
    assert (data.name, data.private_use_only) == ("acme/ticket-topics", True)
    assert choice.base_model is not None and choice.base_model.name == DEFAULT
    told = {each.name: (each.verdict.value, each.reason) for each in choice.candidates}
    assert set(told) == {DEFAULT, "acme/pickled", "acme/small-encoder"}
    assert told[DEFAULT][0] == "chosen" and "measured elsewhere" in told[DEFAULT][1]
    assert told["acme/pickled"] == ("unfit", "it has no safetensors weights, and pickles are never loaded")
    assert told["acme/small-encoder"][0] == "lost" and "no score" in told["acme/small-encoder"][1]


def test_an_empty_hub_of_our_own_says_what_to_do(tmp_path, monkeypatch):
    for name, value in {"HF_ENDPOINT": "", "HF_TOKEN": "", "HF_HOME": str(tmp_path / "hf")}.items():
        monkeypatch.setenv(name, value)
    result = driven(tmp_path / "home", "Label support tickets by issue type")
    assert result["exit_code"] == 2 and "embedded Hub holds no dataset" in result["error"]
    for way in ("--data FILE", "ml-intern hub import", "HF_TOKEN"):
        assert way in result["hint"]


def test_a_hub_that_does_not_answer_is_no_reason_to_take_something_else(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    result = driven(tmp_path, "Label support tickets by issue type")
    assert result["exit_code"] == 1 and "does not answer" in result["error"]
