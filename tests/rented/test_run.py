"""Rented machines: refused for lack of credit and then trained here, or trained there and paid for."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compute.rented import OWNER, Fault, Rented, rented
from tests.conftest import Finished
from tests.rented.steps import killed_while_it_trains, named
from tests.runs import TASK, ml_intern

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")]


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rented]:
    """The Hub of the run that several tests look at."""
    with rented(tmp_path_factory.mktemp("rented")) as found:
        yield found


def test_refused_for_lack_of_credit_it_plans_anew_asks_again_and_trains_here(
    home: Path, place: Rented
) -> None:
    """The moment of the article: an approved job is refused, and the work goes on without surprise."""
    place.hub.jobs.set_credits(OWNER, 0)
    hub = place.environment()
    planned = ml_intern(home, "resume", "--json", hub=hub)
    assert planned.code == 3, planned.out[-2000:] + planned.err
    (asked,) = named(planned, "approval_required")
    plan = asked["plan"]
    assert (plan["backend"], plan["flavour"]) == ("hf-jobs", "t4-small")
    assert 0 < plan["cost_micro_usd"] < plan["worst_case_micro_usd"] <= 30_000
    assert any("private dataset" in note for note in plan["notes"])

    refused = ml_intern(home, "approve", "--json", hub=hub)
    assert refused.code == 3, refused.out[-2000:] + refused.err
    (told,) = named(refused, "compute_refused")
    assert told["place"] == "hf-jobs:t4-small" and "too little credit" in told["reason"]
    (again,) = named(refused, "approval_required")
    assert (again["plan"]["backend"], again["plan"]["worst_case_micro_usd"]) == ("local", 0)
    assert "where: hf-jobs:t4-small → local" in again["plan"]["changes"]
    assert again["plan"]["refusals"][0]["reason"] == told["reason"]
    assert again["sha256"] != asked["sha256"]

    done = ml_intern(home, "approve", "--json", hub=hub)
    assert done.code == 0 and done.result["cost_usd"] == 0
    assert place.jobs() == []
    costs = json.loads(ml_intern(home, "costs", "--json").out)
    assert [each["state"] for each in costs["entries"]] == ["released"]
    assert (costs["budget_usd"], costs["spent_usd"], costs["reserved_usd"]) == (0.03, 0, 0)


@pytest.fixture(scope="module")
def trained(smoked: Path, lasting: Rented, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A run whose training was killed with us while the rented machine worked, and then taken up again."""
    home = shutil.copytree(smoked, tmp_path_factory.mktemp("trained") / "home", symlinks=True)
    hub = lasting.environment()
    assert ml_intern(home, "resume", hub=hub).code == 3
    killed_while_it_trains(home, lasting)
    ended = ml_intern(home, "resume", "--json", hub=hub)
    assert ended.code == 0, ended.out[-2000:] + ended.err
    return Finished(home, ended)


def test_killed_while_it_trains_there_it_finds_the_job_again_and_pays_once(
    trained: Finished, lasting: Rented
) -> None:
    (row,) = lasting.jobs()
    assert row.stage == "COMPLETED" and row.spec.flavor == "t4-small"
    costs = json.loads(ml_intern(trained.home, "costs", "--json").out)
    (entry,) = costs["entries"]
    assert entry["state"] == "settled" and entry["where"].startswith("hf-jobs:t4-small")
    assert round(entry["usd"] * 1e6) == row.micro_usd == 5_000_000 - lasting.hub.jobs.credits(OWNER) > 0
    assert trained.ended.result["cost_usd"] == entry["usd"]
    (told,) = named(trained.ended, "cost")
    assert told["micro_usd"] == row.micro_usd


def test_the_same_model_comes_out_there_and_here(trained: Finished, finished: Finished) -> None:
    for metrics in ("metrics", "clean_metrics"):
        assert trained.ended.result[metrics] == finished.ended.result[metrics]
    there, here = trained.artifacts()["training_run"], finished.artifacts()["training_run"]
    assert (there.backend, here.backend) == ("hf-jobs", "local")
    assert [file.sha256 for file in there.model] == [file.sha256 for file in here.model]
    assert {Path(file.path).name for file in there.model} == {Path(file.path).name for file in here.model}


def test_logs_and_removal_reach_the_rented_machine(trained: Finished, lasting: Rented) -> None:
    told = ml_intern(trained.home, "logs", "--json", hub=lasting.environment())
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert any(each["job"] == "train" and '"step": 1' in each["line"] for each in lines)
    gone = ml_intern(trained.home, "rm", trained.ended.result["run"], hub=lasting.environment())
    assert gone.code == 0, gone.err
    access = lasting.access()
    assert not access.api.repo_exists(
        f"{OWNER}/ml-intern-run-{trained.ended.result['run']}", repo_type="dataset"
    )
    spent = json.loads(ml_intern(trained.home, "costs", "--all", "--json").out)["spent_usd"]
    assert spent > 0  # what was spent stays spent


def test_with_nothing_to_spend_and_only_rented_places_no_work_begins(tmp_path: Path, tickets: Path) -> None:
    task = ("run", "Label tickets by issue type", "--data", tickets, "--json")
    ended = ml_intern(tmp_path, *task, "--compute", "hf-jobs:t4-small")
    assert ended.code == 2 and "nothing may be spent" in ended.events[-1]["message"]
    assert not list((tmp_path / "runs").glob("*"))


def test_without_another_place_a_refusal_ends_the_run_with_a_way_on(home: Path, place: Rented) -> None:
    planned = ml_intern(home, "resume", "--compute", "hf-jobs:cpu-basic", "--json", hub=place.environment())
    assert planned.code == 3, planned.out[-2000:] + planned.err
    place.wire.faults.append(Fault("POST", f"/api/jobs/{OWNER}", status=403))
    ended = ml_intern(home, "approve", "--json", hub=place.environment())
    assert ended.code == 5
    assert "is not allowed" in ended.result["error"]
    nobody = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": "hf_x"}
    away = ml_intern(home, "resume", "--json", hub=nobody)
    assert away.code == 5 and "does not answer" in away.result["error"]
    here = ml_intern(home, "resume", "--compute", "local", "--json", hub=nobody)
    assert here.code == 3
    (asked,) = named(here, "approval_required")
    assert asked["plan"]["backend"] == "local"  # another place is another plan, to be approved anew


def test_what_may_still_run_there_is_not_started_here(home: Path, place: Rented) -> None:
    hub = place.environment()
    assert ml_intern(home, "resume", hub=hub).code == 3
    killed_while_it_trains(home, place)
    away = ml_intern(home, "resume", "--json", hub={"HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": "hf_x"})
    assert away.code == 5, away.out[-2000:]
    assert "may still be running there" in away.result["error"] and not named(away, "approval_required")
    run = away.result["run"]
    (left,) = json.loads(ml_intern(home, "costs", "--json").out)["left"]
    assert (left["run"], left["what"]) == (run, "train") and 0 < left["reserved_usd"] <= 0.03
    for command in ("runs", "doctor", "costs"):
        told = ml_intern(home, command)
        said = " ".join((told.out + told.err).split())
        assert f"The job “train” of run {run} may still run on hf-jobs:t4-small" in said, command
        assert f"end it: ml-intern cancel {run}" in said
    moved = ml_intern(home, "resume", "--compute", "local", "--json", hub=hub)
    assert moved.code == 3, moved.out[-2000:]
    assert named(moved, "approval_required")[0]["plan"]["backend"] == "local"
    (row,) = place.jobs()
    assert row.stage in ("CANCELED", "COMPLETED")  # it was stopped there, if it had not ended by itself
    (entry,) = json.loads(ml_intern(home, "costs", "--json").out)["entries"]
    assert (entry["state"], round(entry["usd"] * 1e6)) == ("settled", row.micro_usd)
    assert json.loads(ml_intern(home, "costs", "--json").out)["left"] == []
    assert "nobody waits for it" not in ml_intern(home, "runs").told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--compute", "moon"], "no place 'moon'"),
        (["--compute", "hf-jobs"], "Which of the machines"),
        (["--compute", "local:gpu"], "has no 'gpu'"),
    ],
)
def test_places_that_there_are_not(tmp_path: Path, tickets: Path, options: list[str], said: str) -> None:
    ended = ml_intern(tmp_path / "home", "run", TASK, "--data", tickets, *options)
    assert ended.code == 2 and said in ended.told and "--compute hf-jobs:t4-small,local" in ended.told


def test_a_budget_that_does_not_pay_for_it_goes_to_the_next_place(home: Path, place: Rented) -> None:
    both = "hf-jobs:a10g-small,local"
    ended = ml_intern(home, "resume", "--compute", both, "--json", hub=place.environment())
    assert ended.code == 3
    (told,) = named(ended, "compute_refused")
    assert "the budget of $0.03 pays for 107 s" in told["reason"]
    assert named(ended, "approval_required")[0]["plan"]["backend"] == "local"
