"""From a packaged model to a published one: asked, uploaded in one commit, checked by a fresh download."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from ml_intern.app.home import open_home
from ml_intern.hub.access import HubAccess
from ml_intern.hub.server.app import open_hub_folder
from ml_intern.hub.server.serve import served
from ml_intern.records.approval import ApprovalPolicy
from ml_intern.store import runs
from tests.conftest import Finished
from tests.runs import ML_INTERN, in_process, own_hub

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")


def listed(home: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(in_process(home, "hub", "list", "--json").out)
    return found


@pytest.fixture
def home(finished: Finished, tmp_path: Path) -> Path:
    """A copy of a home with one finished run."""
    return Path(shutil.copytree(finished.home, tmp_path / "home", symlinks=True))


def test_it_asks_uploads_once_and_can_be_verified(home: Path) -> None:
    asked = in_process(home, "publish", "--to", "acme/tickets", "--json")
    assert asked.code == 3, asked.err
    required = next(each for each in asked.events if each["event"] == "approval_required")
    assert required["subject"] == "publication_plan"
    assert required["plan"]["repo"] == "acme/tickets" and required["plan"]["private"]
    assert listed(home) == []  # nothing is made before it is approved
    assert (
        "files" in asked.result["question"] and "as acme/tickets for you alone." in asked.result["question"]
    )
    given = in_process(home, "approve", "--json")
    assert given.code == 0, given.err
    published = given.result["published"]
    assert published["repo"] == "acme/tickets" and published["private"]
    (repo,) = listed(home)
    assert repo["revision"] == published["revision"] and repo["private"]

    again = in_process(home, "publish", "--json")
    assert again.code == 0 and again.result["published"] == published

    checked = in_process(home, "verify", "acme/tickets", "--json")
    found = json.loads(checked.out)
    assert checked.code == 0, checked.out
    assert found["ok"] and found["revision"] == published["revision"]
    assert {check["id"] for check in found["checks"] if check["ok"]} >= {
        "manifest",
        "safe",
        "scores",
        "example",
    }

    public = in_process(home, "publish", "--public", "--json")
    assert public.code == 6
    assert "licence" in public.events[-1]["message"]
    assert in_process(home, "publish", "--json").code == 0  # what could not be done is not asked for again
    (repo,) = listed(home)
    assert repo["private"] and repo["revision"] == published["revision"]


def test_the_model_gets_the_licence_that_was_chosen(home: Path) -> None:
    asked = in_process(home, "publish", "--to", "acme/tickets", "--licence", "cc-by-nc-4.0", "--json")
    plan = next(each for each in asked.events if each["event"] == "approval_required")["plan"]
    assert asked.code == 3 and plan["licence"] == "cc-by-nc-4.0"
    given = in_process(home, "approve", "--json")
    assert given.code == 0, given.err
    card = (Path(given.result["bundle"]) / "README.md").read_text()
    assert 'license: "cc-by-nc-4.0"' in card and "The model itself is under the licence cc-by-nc-4.0." in card
    assert json.loads(in_process(home, "verify", "acme/tickets", "--json").out)["ok"]
    again = in_process(home, "publish", "--json")
    assert again.code == 0 and again.result["published"] == given.result["published"]
    for licence, code, words in (("my own, please", 2, "no identifier"), ("mit", 6, "cannot be made public")):
        refused = in_process(home, "publish", "--public", "--licence", licence, "--json")
        assert refused.code == code and words in refused.events[-1]["message"]
        assert in_process(home, "publish", "--json").code == 0, (
            "what could not be done is not asked for again"
        )
    back = in_process(home, "publish", "--licence", "data", "--json")
    plan = next(each for each in back.events if each["event"] == "approval_required")["plan"]
    assert back.code == 3 and plan["licence"] == "unknown"


def test_a_denial_uploads_nothing_and_keeps_the_package(home: Path) -> None:
    assert in_process(home, "publish", "--to", "acme/tickets").code == 3
    denied = in_process(home, "deny", "--reason", "not yet", "--json")
    assert denied.code == 4
    assert "not yet" in denied.result["error"] and denied.result["published"] is None
    assert Path(denied.result["bundle"]).is_dir()
    assert listed(home) == []
    turned = in_process(home, "approve", "--json")
    assert turned.code == 0 and turned.result["published"]["repo"] == "acme/tickets"


def test_a_package_that_was_touched_is_not_published(home: Path) -> None:
    waiting = in_process(home, "publish", "--to", "acme/tickets", "--json")
    package = Path(waiting.result["bundle"])
    card, compiled = package / "README.md", package / "__pycache__" / "serve.cpython-311.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"runs in place of the script")
    whole = card.read_text()
    card.write_text(whole.replace("0.", "1."))
    changed = in_process(home, "approve", "--json")
    assert changed.code == 1 and "changed after they were approved: 'README.md'." in changed.result["error"]
    card.write_text(whole)
    added = in_process(home, "resume", "--json")
    assert added.code == 1 and "not packaged: '__pycache__/serve.cpython-311.pyc'." in added.result["error"]
    assert "Delete it" in added.result["hint"] and listed(home) == []
    shutil.rmtree(compiled.parent)
    ended = in_process(home, "resume", "--json")
    assert ended.code == 0 and ended.result["published"]["repo"] == "acme/tickets"


def test_a_standing_permission_covers_only_what_it_names(home: Path) -> None:
    """Approving plans beforehand, as the fixture's run did, is no permission to publish."""
    with_plan = in_process(home, "publish", "--to", "tickets", "--json")
    assert with_plan.code == 3
    required = next(each for each in with_plan.events if each["event"] == "approval_required")
    assert required["why"] == ["publications are to be approved by a person"]


@pytest.fixture
def permitted(home: Path) -> Path:
    """A home whose run was started with `--publish acme/tickets --approve all`, and is not yet published."""
    opened = open_home(home)
    record = opened.resolve(None)
    given = record.request.model_copy(update={"policy": ApprovalPolicy.ALL, "publish": "acme/tickets"})
    with opened.engine.begin() as connection:
        runs.set_request(connection, record.id, given)
    opened.engine.dispose()
    return home


def test_a_standing_permission_publishes_what_stood_in_the_request(permitted: Path) -> None:
    ended = in_process(permitted, "publish", "--to", "acme/tickets", "--private", "--json")
    assert ended.code == 0, ended.out
    assert [repo["id"] for repo in listed(permitted)] == ["acme/tickets"]


@pytest.mark.parametrize(
    "wish",
    [
        ("--to", "acme/other"),
        ("--space",),
        ("--to", "acme/tickets", "--space"),
        ("--licence", "cc-by-nc-4.0"),
    ],
)
def test_a_standing_permission_ends_where_anything_else_is_wished_for(
    permitted: Path, wish: tuple[str, ...]
) -> None:
    asked = in_process(permitted, "publish", *wish, "--json")
    assert asked.code == 3, asked.out
    assert in_process(permitted, "resume").code == 3, "to go on is no yes, either"
    assert in_process(permitted, "publish", "--to", "acme/tickets", "--no-space").code == 3
    assert listed(permitted) == []


def test_what_was_agreed_on_for_one_place_is_not_meant_for_another(
    published: Finished, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(published.home, tmp_path / "home", symlinks=True))
    asked = in_process(home, "publish", "--to", "acme/elsewhere", "--json")
    plan = next(each for each in asked.events if each["event"] == "approval_required")["plan"]
    assert asked.code == 3 and plan["repo"] == "acme/elsewhere"
    assert plan["private"] and plan["space"] is None
    assert asked.result["next"][1] == f"ml-intern deny {asked.result['run']}", (
        "a reason changes nothing there"
    )


def test_a_space_with_other_files_is_left_alone(published: Finished, tmp_path: Path) -> None:
    """Also where it came to be between the approval and the upload."""
    home = Path(shutil.copytree(published.home, tmp_path / "home", symlinks=True))
    hub = open_hub_folder(home / "hub")
    with served(hub) as url:
        access = HubAccess(url, hub.catalogue.new_token("acme", "write"), embedded=True)
        access.api.create_repo("acme/other-demo", repo_type="space", space_sdk="static")
        access.api.upload_file(
            path_or_fileobj=b"mine", path_in_repo="notes.txt", repo_id="acme/other-demo", repo_type="space"
        )
    before = listed(home)
    ended = in_process(home, "publish", "--to", "acme/other", "--space", "--json")
    assert ended.code == 2, ended.out
    assert "acme/other-demo exists and holds other files" in ended.events[-1]["message"]
    assert listed(home) == before


def test_a_repository_with_other_files_is_left_alone(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    assert in_process(home, "hub", "import", other, "acme/tickets", "--type", "model").code == 0
    before = listed(home)
    ended = in_process(home, "publish", "--to", "acme/tickets", "--json")
    assert ended.code == 2
    assert "holds other files" in ended.result["error"] and "--to" in ended.result["hint"]
    assert listed(home) == before


def test_what_appears_meanwhile_and_what_everybody_can_see_is_left_alone(home: Path, tmp_path: Path) -> None:
    assert in_process(home, "publish", "--to", "acme/tickets").code == 3
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    assert in_process(home, "hub", "import", other, "acme/tickets", "--type", "model", "--private").code == 0
    before = listed(home)
    ended = in_process(home, "approve", "--json")
    assert ended.code == 2 and "meanwhile" in ended.result["error"]
    hub = open_hub_folder(home / "hub")
    hub.catalogue.create("model", "acme", "open", False, None, "acme")
    hub.catalogue.close()
    public = in_process(home, "publish", "--to", "acme/open", "--json")
    assert public.code == 2 and "everybody can see it" in public.out
    assert [repo for repo in listed(home) if repo["id"] == "acme/tickets"] == before


def test_killed_while_it_publishes_it_goes_on_and_commits_once(home: Path) -> None:
    assert in_process(home, "publish", "--to", "acme/tickets").code == 3
    process = subprocess.Popen(
        [ML_INTERN, "approve", "--json"],
        env=own_hub(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "approval_given":
            break
    while not any((home / "hub" / "blobs").rglob("*")) and process.poll() is None:
        pass  # until the first content of the upload has come in
    process.send_signal(signal.SIGKILL)
    process.communicate()
    ended = in_process(home, "resume", "--json")
    assert ended.code == 0, ended.err
    (repo,) = listed(home)
    assert repo["revision"] == ended.result["published"]["revision"]
    assert repo["files"] > 20


@pytest.mark.parametrize("name", ["a b", "x/y/z", "../../etc", "-a/b", ""])
def test_names_that_cannot_be(home: Path, name: str) -> None:
    ended = in_process(home, "publish", f"--to={name}", "--json")
    assert ended.code == 2, ended.out
