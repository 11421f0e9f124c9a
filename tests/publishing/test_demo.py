"""The demo of a model: a Space beside it, private as it is, whose app answers what the model answers."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ml_intern.hub.access import HubAccess
from ml_intern.hub.server.app import open_hub_folder
from ml_intern.hub.server.serve import served
from ml_intern.publishing.demo import SHOWN, candidates, chosen
from ml_intern.records.demo import DemoExample
from tests.conftest import ROOT, Finished
from tests.reporting.browser import chromium
from tests.runs import in_process

CLIENTS = ROOT / ".clients" / "bin" / "python"
FETCH = """
import sys
from huggingface_hub import snapshot_download
snapshot_download(sys.argv[1], repo_type="space", local_dir=sys.argv[2])
"""
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")


def test_texts_are_made_of_class_names_and_some_belong_to_none() -> None:
    made = candidates(["lost_parcel", "refund"])
    assert {each.label for each in made} == {"lost_parcel", "refund", None}
    texts = [each.text for each in made if each.label == "lost_parcel"]
    assert "I have a question about lost parcel." in texts
    assert "This is not about refund, it is about lost parcel." in texts
    assert len({each.text for each in made}) == len(made)


def test_what_works_and_what_breaks_is_told_by_what_was_expected() -> None:
    def tried(expected: str, answer: str, probability: float) -> DemoExample:
        return DemoExample(text=f"{probability}", expected=expected, answer=answer, probability=probability)

    right = [tried(f"c{i}", f"c{i}", i / 10) for i in range(9)]
    wrong = [tried("c1", "c2", 0.4), tried("c1", "c3", 0.9), tried("UNKNOWN", "c1", 0.5)]
    works, breaks = chosen([*right, *wrong])
    assert [each.expected for each in works] == ["c8", "c7", "c6", "c5", "c4"] and len(works) == SHOWN
    assert [(each.expected, each.answer) for each in breaks] == [("c1", "c3"), ("UNKNOWN", "c1")]


def repositories(home: Path) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in json.loads(in_process(home, "hub", "list", "--json").out)}


def test_model_and_demo_are_private_and_a_second_time_changes_nothing(published: Finished) -> None:
    made = published.ended.result["published"]
    assert made["space"]["repo"] == "acme/tickets-demo"
    there = repositories(published.home)
    assert {name: each["private"] for name, each in there.items()} == {
        "acme/tickets": True, "acme/tickets-demo": True,
    }  # fmt: skip
    assert there["acme/tickets-demo"]["revision"] == made["space"]["revision"]
    again = in_process(published.home, "publish", "--json")
    assert again.code == 0 and again.result["published"] == made
    after = repositories(published.home)
    assert {name: each["revision"] for name, each in after.items()} == {
        name: each["revision"] for name, each in there.items()
    }


def test_without_a_place_to_publish_to_there_is_no_demo(finished: Finished, tickets: Path) -> None:
    ended = in_process(finished.home, "run", "Label tickets", "--data", tickets, "--space", "--json")
    assert ended.code == 2 and "--space says how, but not where" in ended.events[-1]["message"]


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The app of a Space, started as a Space starts it; its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    own = {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }
    log = (folder.parent / "app.log").open("w")
    process = subprocess.Popen(
        [str(CLIENTS), "app.py"], cwd=folder, env=os.environ | own, stdout=log, stderr=subprocess.STDOUT
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_until(lambda: urllib.request.urlopen(url, timeout=5).status == 200, Path(log.name))
        yield url
    finally:
        process.kill()
        process.wait()
        log.close()


def wait_until(done: Any, log: Path, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if done():
                return
        except OSError:
            pass
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.3)


@pytest.mark.slow
@pytest.mark.skipif(not CLIENTS.exists(), reason="needs Gradio: make .clients/ready")
def test_a_space_that_was_downloaded_answers_in_a_browser(published: Finished, tmp_path: Path) -> None:
    folder = tmp_path / "space"
    hub = open_hub_folder(published.home / "hub")
    with served(hub) as url:
        access = HubAccess(url, hub.catalogue.new_token("acme", "read"), embedded=True)
        subprocess.run(
            [str(CLIENTS), "-c", FETCH, "acme/tickets-demo", str(folder)],
            env=os.environ | access.environment(tmp_path / "cache"), check=True, timeout=120,
        )  # fmt: skip
    demo = json.loads((folder / "demo.json").read_text())
    card = (folder / "README.md").read_text()
    assert "sdk: gradio" in card and "- acme/tickets" in card
    tried = published.artifacts()["demo"].examples
    wanted = next(each for each in tried if each.text in demo["examples"]["Examples that work"])
    with running(folder) as url, chromium() as browser:
        script = "\n".join(re.findall(r"^\$ (.*)$", card, re.M)).replace("URL/", url)
        asked = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
        assert asked.stdout.startswith("event: complete"), asked.stdout + asked.stderr
        answer, _ = json.loads(asked.stdout.partition("data: ")[2])
        assert answer in (*demo["labels"], "UNKNOWN")
        browser.visit(url)
        wait_until(
            lambda: browser.ask("return !!document.querySelector('#text textarea')"), folder / "README.md"
        )
        browser.type("#text textarea", wanted.text)
        browser.click("#classify")
        value = "return document.querySelector('#answer textarea').value"
        wait_until(lambda: browser.ask(value), tmp_path / "app.log")
        assert browser.ask(value) == wanted.answer
        probabilities = browser.ask("return document.querySelector('#probabilities').innerText")
        assert f"{wanted.probability:.0%}" in probabilities
        page = browser.ask("return document.body.innerText")
        assert "Examples that break" in page and demo["examples"]["Examples that break"][0] in page
        browser.picture(tmp_path / "demo.png")
