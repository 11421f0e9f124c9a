"""A rented job is known to one account of one Hub; from elsewhere it is not written off."""

import json
from pathlib import Path

import pytest

from tests.compute.rented import OWNER, Fault, Rented
from tests.rented.steps import killed_while_it_trains, named
from tests.runs import ml_intern, own_hub

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")]


def entries(home: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(ml_intern(home, "costs", "--json").out)["entries"]
    return found


def another(place: Rented) -> dict[str, str]:
    """A colleague's token for the same Hub, with credit of their own."""
    place.hub.jobs.set_credits("colleague", 5_000_000)
    return place.environment() | {"HF_TOKEN": place.access(user="colleague").token}


def test_from_another_account_a_job_is_neither_started_anew_nor_written_off(
    home: Path, place: Rented
) -> None:
    hub = place.environment()
    assert ml_intern(home, "resume", hub=hub).code == 3
    killed_while_it_trains(home, place)
    for command in ("resume", "cancel"):
        ended = ml_intern(home, command, "--json", hub=another(place))
        assert ended.code != 0
        assert (
            f"was started by {OWNER} on" in ended.out + ended.err
            and "this is colleague on" in ended.out + ended.err
        )
        assert [each["state"] for each in entries(home)] == ["reserved"]
    assert len(place.jobs()) == 1 and place.hub.jobs.every("colleague") == []
    done = ml_intern(home, "resume", "--until", "train", "--json", hub=hub)
    assert done.code == 0, done.out[-2000:]
    assert len(place.jobs()) == 1 and [each["state"] for each in entries(home)] == ["settled"]


def test_an_approval_holds_for_the_account_that_the_plan_named(home: Path, place: Rented) -> None:
    assert ml_intern(home, "resume", hub=place.environment()).code == 3
    asked = ml_intern(home, "approve", "--json", hub=another(place))
    assert asked.code == 3, asked.out[-2000:]
    assert any(f"to rent for {OWNER} on" in str(each.get("text")) for each in named(asked, "message"))
    assert place.jobs() == [] and place.hub.jobs.every("colleague") == []


def test_an_approval_holds_for_the_price_that_the_plan_named(home: Path, place: Rented, monkeypatch) -> None:
    from ml_intern.hub.server import jobs

    assert ml_intern(home, "resume", hub=place.environment()).code == 3
    dearer = jobs.MACHINES["t4-small"].__class__(**{**vars(jobs.MACHINES["t4-small"]), "micro_usd": 14_000})
    monkeypatch.setitem(jobs.MACHINES, "t4-small", dearer)
    asked = ml_intern(home, "approve", "--json", hub=place.environment())
    assert asked.code == 3, asked.out[-2000:]
    assert any("has become dearer" in str(each.get("text")) for each in named(asked, "message"))
    assert place.jobs() == []


def test_a_token_that_ends_while_the_job_runs_is_no_refusal_of_it(home: Path, place: Rented) -> None:
    """Else the training would run here, too, while the rented machine goes on and costs."""
    hub = place.environment()
    assert ml_intern(home, "resume", hub=hub).code == 3
    place.wire.faults.append(Fault("GET", f"/api/jobs/{OWNER}/", status=401, times=1000))
    ended = ml_intern(home, "approve", "--json", hub=hub)
    assert ended.code == 5, ended.out[-2000:]
    assert "was started, and how it stands cannot be seen" in ended.result["error"]
    assert not named(ended, "approval_required") and not named(ended, "compute_refused")
    place.wire.faults.clear()
    done = ml_intern(home, "resume", "--until", "train", "--json", hub=hub)
    assert done.code == 0 and len(place.jobs()) == 1, done.out[-2000:]


def test_removing_a_run_closes_its_line_and_leaves_no_rows_there(home: Path, place: Rented) -> None:
    hub = place.environment()
    assert ml_intern(home, "resume", hub=hub).code == 3
    killed_while_it_trains(home, place)
    (run,) = [each.name for each in (home / "runs").iterdir()]
    assert ml_intern(home, "rm", run, hub=own_hub(home)).code != 0  # from another Hub nothing is lost
    assert (home / "runs" / run).is_dir()
    gone = ml_intern(home, "rm", run, hub=hub)
    assert gone.code == 0, gone.err
    assert place.access().api.repo_exists(f"{OWNER}/ml-intern-run-{run}", repo_type="dataset") is False
    (line,) = json.loads(ml_intern(home, "costs", "--all", "--json").out)["entries"]
    assert line["state"] == "settled"


def test_a_job_that_is_gone_counts_as_its_worst_case(home: Path, place: Rented) -> None:
    hub = place.environment()
    assert ml_intern(home, "resume", hub=hub).code == 3
    killed_while_it_trains(home, place)
    (reserved,) = [each["usd"] for each in entries(home)]
    place.wire.faults.append(Fault("GET", f"/api/jobs/{OWNER}/", status=404, times=1000))
    place.wire.faults.append(Fault("POST", "/cancel", status=404, times=1000))
    assert ml_intern(home, "cancel", hub=hub).code == 0
    (line,) = entries(home)
    assert (line["state"], line["usd"]) == ("settled", reserved)
