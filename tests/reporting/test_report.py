"""The report says what is stored, all of it, and nothing else."""

import html
import json
import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from ml_intern.publishing.bundle import TEMPLATE, Facts
from ml_intern.publishing.trace import Tracer
from ml_intern.records.base import digest
from ml_intern.records.data import DataReport, Split
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.metrics import Interval
from ml_intern.records.research import ModelChoice
from ml_intern.records.runs import RunRequest
from ml_intern.records.shell import quote
from ml_intern.records.spec import PretrainedModel, TaskSpec, UnknownTarget
from ml_intern.records.stress import StressReport
from ml_intern.reporting.page import render
from ml_intern.reporting.reproduce import command
from tests.reporting.dossiers import searched
from tests.reporting.pages import Page
from tests.runs import ml_intern, opened_run


@pytest.fixture
def page(sources) -> Page:
    return Page(sources["finished"])


@pytest.fixture
def evaluation(dossier) -> Evaluation:
    return dossier.artifacts["evaluation"]


def test_a_run_writes_its_report_by_itself_and_names_it(finished):
    path = Path(finished.ended.result["report"])
    assert path == finished.folder / "report.html"
    assert Page(path.read_text()).one("h1")
    assert Path(finished.ended.result["card"]).name == "README.md"
    assert finished.ended.result["next"] == []


def test_the_same_run_gives_the_same_bytes(finished, shared, tmp_path):
    out = tmp_path / "again.html"
    ended = ml_intern(finished.home, "report", finished.ended.result["run"][:4], "--out", out, "--json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out) == {
        "run": finished.ended.result["run"], "report": str(out), "bytes": out.stat().st_size,
    }  # fmt: skip
    first = Path(finished.ended.result["report"]).read_text()
    assert out.read_text() == first.replace(str(shared / "finished"), str(finished.home))
    assert list(tmp_path.iterdir()) == [out]


def test_a_report_that_cannot_be_written_is_said_so(finished, tmp_path):
    ended = ml_intern(finished.home, "report", "--out", tmp_path)
    assert ended.code == 1
    assert "cannot be written" in ended.told and "--out" in ended.told
    assert "There is no run 'zz'" in ml_intern(finished.home, "report", "zz").told
    assert not list(finished.folder.glob(".report*")) and not list(tmp_path.parent.glob(".*.html*"))


def test_the_headline_scores_are_those_of_the_evaluation(page, evaluation):
    """The selection metric first, then the others; value and both ends as stored and as printed."""
    shown = [float(each.attributes["value"]) for each in page.all("data") if "ul" in each.parents]
    expected = []
    for metric in sorted(evaluation.scores, key=lambda m: m.value != "macro_f1"):
        if metric.value in ("macro_f1", "accuracy"):
            found = evaluation.scores[metric]
            expected += [found.value, found.low, found.high]
    assert shown == expected
    for each in page.all("data"):
        if re.fullmatch(r"\d\.\d{3}", each.text):
            assert each.text == f"{float(each.attributes['value']):.3f}"


def test_every_score_of_models_and_classes_is_shown(page, evaluation):
    shown = {float(each.attributes["value"]) for each in page.all("data")}
    for model in evaluation.baselines:
        for metric in ("accuracy", "macro_f1"):
            assert {model.scores[metric].value, model.scores[metric].low, model.scores[metric].high} <= shown
    for score in evaluation.per_class:
        assert {score.f1.value, score.f1.low, score.f1.high, score.precision, score.recall} <= shown
    cells = [c.text for c in page.all("td") if c.attributes.get("class") in ("right", "wrong", "none")]
    counts = [int(cell) if cell != "·" else 0 for cell in cells]
    assert counts == [count for row in evaluation.confusion for count in row]


def test_the_verdict_comes_first(page, evaluation):
    text = page.text
    verdict = text.index(evaluation.verdict)
    assert verdict < text.index("95 % interval") < text.index("What the audit found")
    assert "No transformer was trained" in text


def test_a_leak_is_said_before_anything_else(sources):
    page = Page(sources["leaking"])
    alarm, verdict = page.one("div", "alarm"), page.one("p", "verdict")
    assert page.elements.index(alarm) < page.elements.index(verdict)
    assert "9 test rows stand in the train split. Quote the rest." in " ".join(alarm.text.split())
    assert "quote this one" in page.all("p", "quote")[0].text
    assert "Without repeated rows" in page.text
    assert page.one("p", "worth").text == "It was worth it: better than the linear baseline."


def test_every_artifact_and_file_is_listed_with_its_hash(finished, page):
    with opened_run(finished.home) as run:
        assert {stored.sha256 for stored in run.history} <= set(re.findall(r"[0-9a-f]{64}", page.text))
    files = [path for path in (finished.folder / "bundle").rglob("*") if path.is_file()]
    for path in files:
        assert path.relative_to(finished.folder).as_posix() in page.text
    for artifact in finished.artifacts().values():
        for sha256 in re.findall(r'"sha256":"([0-9a-f]{64})"', artifact.model_dump_json()):
            assert sha256 in page.text


def test_the_command_leads_to_the_very_same_task(finished, page, tmp_path):
    words = shlex.split(page.all("pre", "command")[-1].text)
    spec = finished.artifacts()["task_spec"]
    assert isinstance(spec, TaskSpec)
    assert words[:3] == ["ml-intern", "run", spec.sentence]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert spec.unknown_data
    others = spec.unknown_data.location
    assert options == {"--data": spec.data.location, "--unknown-data": others, "--seed": str(spec.seed)}
    assert spec.data.sha256 in page.text
    again = ml_intern(tmp_path, *words[1:], "--until", "define", "--json")
    assert again.code == 0, again.err
    with opened_run(tmp_path) as run:
        assert run.sha256(TaskSpec) == digest(spec)


def test_the_command_names_every_option_that_shaped_the_task(dossier):
    spec = dossier.get(TaskSpec)
    base = PretrainedModel(
        name="org/small", folder="/cache", revision="abc123", sha256="0", licence="mit", source="Hub"
    )
    request = RunRequest(
        sentence="-x", data="d", text_column="the text", label_column="-y", base_model="org/small",
        budget_micro_usd=1_500_000, time_limit_seconds=90, seed=7, licence="cc0-1.0",
        unknown=UnknownTarget(error=0.02), unknown_data="others.csv",
    )  # fmt: skip
    spec = spec.model_copy(update={"unknown_data": None})
    words = shlex.split(command(request, spec.model_copy(update={"base_model": base})))
    assert words[3:] == [
        "--data", spec.data.location, "--text", "the text", "--label=-y", "--base-model", "org/small@abc123",
        "--budget", "1.500000", "--time-limit", "1.5",
        "--unknown", "error=0.02", "--unknown-data", "others.csv", "--seed", "7", "--licence", "cc0-1.0",
    ]  # fmt: skip
    folder = base.model_copy(update={"name": "small", "folder": "/m/small", "revision": "sha256:00"})
    assert "--base-model /m/small" in command(request, spec.model_copy(update={"base_model": folder}))
    plain = request.model_copy(update={"base_model": None})
    assert "--base-model" not in command(plain, spec.model_copy(update={"base_model": folder}))
    assert ModelChoice.kind == "model_choice"


@pytest.mark.parametrize("word", ["it's", "a\nb", "\u202ex\x1b'\\", "$HOME `id`", "\x85\U000e0001"])
def test_a_shell_reads_back_what_was_quoted(word):
    quoted = quote(word)
    assert quoted.isprintable()
    shown = subprocess.run(
        ["bash", "-c", f"printf %s {quoted}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert shown.stdout.decode() == word


def test_the_page_stands_alone_and_is_well_made(sources):
    for source in sources.values():
        page = Page(source)
        assert page.one("html").attributes["lang"] == "en"
        policy = next(e for e in page.all("meta") if "http-equiv" in e.attributes)
        assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        assert not {"script", "img", "link", "iframe", "object", "form"} & {e.tag for e in page.elements}
        assert next(e for e in page.all("title") if "head" in e.parents).text.strip()
        assert all(e.attributes["href"].startswith("#") for e in page.all("a"))
        assert not [e for e in page.elements for name in e.attributes if name in ("src", "srcset")]
        assert not [e for e in page.elements for name in e.attributes if name.startswith("on")]
        ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
        assert len(ids) == len(set(ids))
        assert {e.attributes["href"][1:] for e in page.all("a")} <= set(ids)
        levels = [int(e.tag[1]) for e in page.elements if re.fullmatch(r"h[1-6]", e.tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b <= a + 1 for a, b in pairwise(levels))
        assert all(e.attributes.get("scope") in ("col", "row") for e in page.all("th"))
        assert all(e.attributes.get("aria-label") for e in page.all("svg"))
        assert "None" not in page.text and "nan" not in page.text


def test_it_quotes_no_row_of_the_test_split_but_those_that_findings_hold(finished, page):
    split, report = finished.artifacts()["split"], finished.artifacts()["data_report"]
    assert isinstance(split, Split) and isinstance(report, DataReport)
    quoted = {example for finding in report.findings for example in finding.examples}
    scored = finished.artifacts()["evaluation"]
    assert isinstance(scored, Evaluation)
    quoted |= {each.text for each in scored.doubts} | {text for p in scored.confused for text in p.examples}
    tried = finished.artifacts()["stress_report"]
    assert isinstance(tried, StressReport)
    cases = [case for each in tried.capabilities for case in each.examples[:3] if case.why]
    quoted |= {text for case in cases for text in (case.text, case.original)}
    inputs = pl.read_parquet(finished.folder / split.test_inputs.path)[report.text.name].to_list()
    kept_back = [text for text in inputs if len(text) > 20 and not any(text[:100] in q for q in quoted)]
    assert len(kept_back) > 10
    assert not [text for text in kept_back if text in html.unescape(page.source)]


def test_report_and_card_say_how_data_was_found_and_why_others_lost(dossier):
    found = searched(dossier, "acme/<b>other")
    text = Page(render(found)).text
    for said in ("support ticket", "the stated criteria", "4,321 rows", "40 rows: too few", "acme/<b>other"):
        assert said in text
    assert f"--data acme/tickets@{'c0ffee' * 6}" in text
    facts = Facts(
        classes=2, unknown_label=None, dataset=None, languages=(), licence="mit", weakest_class="a",
        weakest_f1=Interval(value=0.5, low=0.4, high=0.6),
    )  # fmt: skip
    card = Tracer({**found.artifacts, "facts": facts}).render(_data_section(TEMPLATE.read_text()))
    assert "| acme/&lt;b&gt;other | 40 rows: too few |" in card and "4,321 rows" in card


def _data_section(template: str) -> str:
    return "## Data" + template.partition("## Data")[2].partition("Text column")[0]
