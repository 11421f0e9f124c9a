"""From a dataset of the Hub to a published model in one go, whose scores the Hub can read."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import HfApi, ModelCard
from huggingface_hub._eval_results import parse_eval_result_entries

from ml_intern.hub.access import HubAccess
from ml_intern.publishing.verify import card_claims, scores_hold
from tests.hub.conftest import Running, running
from tests.runs import TASK, Ended, ml_intern

__all__ = ["running"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")
CARD = b"---\nlicense: cc-by-4.0\nlanguage: en\n---\n# Tickets\n"


@pytest.fixture(scope="module")
def published(
    running: Running, tickets: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[HubAccess, Ended]:
    access = running.access()
    api: HfApi = access.api
    api.create_repo("acme/tickets", repo_type="dataset", private=True)
    for name, content in (("README.md", CARD), ("tickets.csv", tickets.read_bytes())):
        api.upload_file(
            path_or_fileobj=content, path_in_repo=name, repo_id="acme/tickets", repo_type="dataset"
        )
    home = tmp_path_factory.mktemp("home")
    options = ["--data", "acme/tickets", "--publish", "acme/labels", "--public", "--approve", "all", "--json"]
    ended = ml_intern(home, "run", TASK, *options, hub=access.environment(home / "cache"))
    return access, ended


def test_one_command_goes_from_a_dataset_to_a_public_verified_model(published: Any) -> None:
    access, ended = published
    assert ended.code == 0, ended.out + ended.err
    made = ended.result["published"]
    assert made["repo"] == "acme/labels" and not made["private"]
    given = [event for event in ended.events if event["event"] == "approval_given"]
    assert len(given) == 2, "the training and the publication"
    assert access.api.model_info("acme/labels").sha == made["revision"]


def test_the_hub_can_read_what_the_card_says(published: Any, tmp_path: Path) -> None:
    access, ended = published
    api: HfApi = access.api
    folder = Path(api.snapshot_download("acme/labels", local_dir=tmp_path / "labels"))
    data = ModelCard.load(folder / "README.md").data
    assert data.datasets == ["acme/tickets"] and data.license == "cc-by-4.0" and data.language == ["en"]
    assert data.widget[0]["text"].startswith("I have a question about")
    commit = api.dataset_info("acme/tickets").sha
    assert data.eval_results is not None
    assert {(each.dataset_type, each.dataset_revision) for each in data.eval_results} == {
        ("acme/tickets", commit)
    }
    entries = parse_eval_result_entries(
        yaml.safe_load((folder / ".eval_results" / "tickets.yaml").read_text())
    )
    assert {(each.dataset_id, each.task_id, each.dataset_revision) for each in entries} == {
        ("acme/tickets", "default", commit)
    }
    scores = {each.notes: each.value for each in entries}
    assert scores["accuracy, test split"] == round(ended.result["metrics"]["accuracy"]["value"], 4)
    assert len(scores) == 3


def test_an_altered_result_is_found(published: Any, tmp_path: Path) -> None:
    access, _ = published
    folder = Path(access.api.snapshot_download("acme/labels", local_dir=tmp_path / "labels"))
    assert len(card_claims(folder)) == 6
    place = folder / ".eval_results" / "tickets.yaml"
    entries = yaml.safe_load(place.read_text())
    entries[0]["value"] = 0.9999
    place.write_text(yaml.safe_dump(entries))
    evaluation = json.loads((folder / "evaluation" / "evaluation.json").read_text())
    true = {name: found["value"] for name, found in evaluation["scores"].items()}
    assert {each.id: each.ok for each in scores_hold(folder, true, "")} == {
        "card_matches_evaluation": False, "card_table": True, "scores": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "content", ["- 3", "notes", "[{notes: a}]", "- {notes: accuracy, value: [1]}", "\0", "&a [*a]"]
)
def test_whatever_a_strangers_results_hold_they_are_read(content: str, tmp_path: Path) -> None:
    (tmp_path / ".eval_results").mkdir()
    (tmp_path / ".eval_results" / "x.yaml").write_text(content)
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    assert card_claims(tmp_path) == []
