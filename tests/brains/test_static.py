"""A model writes a call as it remembers it; the mistake is found by reading, without a job."""

from pathlib import Path
from typing import Any

from ml_intern.app.home import open_home
from ml_intern.records.training import SmokeReport
from ml_intern.store.jobs import JobTable
from tests.brains.procedure import proceed, stage_of
from tests.brains.server import Asked, serving
from tests.brains.test_llm import with_key
from tests.runs import TASK, opened_run

SYMBOL = "sklearn.feature_extraction.text.TfidfVectorizer"
WORDS = "from sklearn.feature_extraction.text import TfidfVectorizer\nWORDS = TfidfVectorizer({})\n"


def test_an_argument_that_does_not_exist_is_told_before_anything_runs(tmp_path: Path, tickets: Path) -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Any:
        if stage_of(asked) != "smoke":
            return proceed(asked)
        seen.append(asked)
        steps = [
            ("edit_script", {"files": {"extra.py": WORDS.format("min_frequency=2")}}),
            ("run_smoke_test", {}),
            ("look_up_library", {"query": SYMBOL, "about": "min_df"}),
            (
                "edit_script",
                {
                    "files": {"extra.py": WORDS.format("min_df=2")}, "bug": "argument",
                    "explanation": "it is called min_df", "evidence": "takes no argument min_frequency",
                },
            ),
            ("run_smoke_test", {}),
        ]  # fmt: skip
        return steps[len(seen) - 1] if len(seen) <= len(steps) else proceed(asked)

    with serving(answer) as server:
        ended = with_key(
            tmp_path, "run", TASK, "--data", tickets, "--brain", server.brain, "--until", "smoke", "--json"
        )
    assert ended.code == 0, ended.err
    assert f"extra.py line 2: {SYMBOL} takes no argument min_frequency" in seen[2].returned
    assert "nothing was run" in seen[2].returned
    assert "Smoke check static-arguments failed" in seen[2].system + seen[2].returned
    assert "ignore terms that have a document" in seen[3].returned
    opened = open_home(tmp_path)
    with opened_run(tmp_path) as run:
        reports = [each for each in run.history if each.kind == SmokeReport.kind]
        report = run.need(SmokeReport)
        jobs = [each.purpose for each in JobTable(opened.engine).entries(run.record.id)]
    opened.engine.dispose()
    assert len(reports) == 2 and jobs.count("smoke") == 1
    assert report.passed and report.sample_rows > 0
    assert [check.id for check in report.checks][:2] == ["static-syntax", "static-imports"]
