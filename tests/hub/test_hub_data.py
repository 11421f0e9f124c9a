"""Hub datasets wherever data can be named: pinned, downloaded as tables, refused where they are no tables."""

import json
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest
from huggingface_hub import HfApi

from ml_intern.app.home import open_home
from ml_intern.app.report import write_report
from ml_intern.data.load import load
from ml_intern.demo.tickets import write_tickets
from ml_intern.hub.access import HubAccess
from ml_intern.hub.datasets import DatasetName, describe, download, pick_config
from ml_intern.hub.join import join
from ml_intern.hub.layout import DataFile, configs, is_safe
from ml_intern.hub.sample import some_rows
from ml_intern.records.errors import InternError, UsageProblem
from ml_intern.records.research import DatasetChoice
from ml_intern.records.spec import TaskSpec
from ml_intern.tools.hub_data import HubShelf, named_data
from tests.hub.shelf import Shelf, card, put, shelf, table
from tests.runs import ml_intern, opened_run


def on(found: Shelf, folder: Path) -> HubShelf:
    return HubShelf(lambda: nullcontext(found.access), folder)


def nobody(question: str, options: tuple[str, ...]) -> None:
    """There is no one to ask."""


CONFIGS = """---
license: mit
configs:
- config_name: short
  data_files:
  - {split: train, path: short/train-*.jsonl}
  - {split: test, path: short/held_out.jsonl}
- config_name: long
  data_files: long/*.csv
---
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shelf, str]]:
    """A Hub with tickets in several forms, and the first of two commits of the plain ones."""
    scratch = tmp_path_factory.mktemp("data")
    write_tickets(scratch / "tickets.csv", rows=400)
    tickets = (scratch / "tickets.csv").read_bytes()
    frame = pl.read_csv(scratch / "tickets.csv", infer_schema_length=0)
    parts = {}
    for number, part in enumerate((frame[:150], frame[150:300])):
        part.write_parquet(scratch / "part.parquet")
        parts[f"data/train-0000{number}-of-00002.parquet"] = (scratch / "part.parquet").read_bytes()
    frame[300:].write_parquet(scratch / "part.parquet")
    parts["data/test-00000-of-00001.parquet"] = (scratch / "part.parquet").read_bytes()
    lines = b"".join(json.dumps({"t": f"text {n} here", "l": n % 2}).encode() + b"\n" for n in range(20))
    with shelf(scratch / "hub") as found:
        api = HfApi(endpoint=found.endpoint, token=found.token)
        first = put(api, "acme/tickets", card("Tickets", "Tickets", "cc-by-4.0"), {"tickets.csv": tickets})
        put(api, "acme/tickets", "", {"tickets.csv": table(("text", "label"), [["too late", "a"]])})
        put(api, "acme/shards", card("Tickets", "Tickets", "mit"), parts)
        put(api, "acme/many", CONFIGS, {
            "short/train-0.jsonl": lines, "short/train-1.jsonl": lines[:-1], "short/held_out.jsonl": lines,
            "long/all.csv": tickets,
        })  # fmt: skip
        put(api, "acme/script", card("Script", ""), {"script.py": b"1 / 0"})
        put(api, "acme/gated", card("Gated", "", "mit"), {"train.csv": tickets})
        api.update_repo_settings("acme/gated", gated="manual", repo_type="dataset")
        yield found, first


def test_a_run_pins_the_named_revision_and_carries_its_licence(place, tmp_path):
    found, first = place
    task = ("run", "Label support tickets by issue type", "--until", "inspect", "--json")
    ended = ml_intern(tmp_path, *task, "--data", f"acme/tickets@{first}", hub=found.environment())
    assert ended.code == 0, ended.err
    with opened_run(tmp_path) as run:
        spec, choice = run.need(TaskSpec), run.need(DatasetChoice)
    assert spec.data is not None and spec.data.hub is not None
    assert spec.data.hub.name == f"acme/tickets@{first}" and spec.data.licence == "cc-by-4.0"
    assert (choice.revision, choice.licence, choice.private_use_only) == (first, "cc-by-4.0", False)
    home = open_home(tmp_path)
    write_report(home, None, tmp_path / "report.html")
    home.engine.dispose()
    assert f"--data acme/tickets@{first}" in (tmp_path / "report.html").read_text()
    kept = next(Path(spec.data.location).glob("*.csv"))
    kept.write_bytes(kept.read_bytes() + b"more,more,more\n")
    again, _ = named_data(spec.data.hub.name, "unknown", on(found, tmp_path / "datasets"), nobody, "")
    assert again.sha256 == spec.data.sha256  # a changed copy is not taken for what the Hub has


def test_a_dataset_that_the_sentence_names_is_the_one_that_is_taken(place, tmp_path):
    found, _ = place
    sentence = "Label support tickets by issue type with the dataset acme/shards"
    ended = ml_intern(tmp_path, "run", sentence, "--until", "research", "--json", hub=found.environment())
    assert ended.code == 0, ended.err
    with opened_run(tmp_path) as run:
        assert run.need(DatasetChoice).name == "acme/shards"


def test_inspect_reads_all_shards_of_a_split(place, tmp_path):
    found, _ = place
    ended = ml_intern(tmp_path, "inspect", "acme/shards", "--json", hub=found.environment())
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["splits"] == {"train": 300, "test": 100}


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("acme/gated", 1, "gated"),
        ("acme/script", 2, "code of strangers is never run"),
        ("acme/nothing", 2, "no dataset of that name"),
        ("acme/tickets@v9", 2, "no dataset of that name"),
        ("acme/many", 2, "several configs: 'short', 'long'"),
        ("acme/many:tall", 2, "no config 'tall'"),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_replaced(name, code, words, place, tmp_path):
    found, _ = place
    with pytest.raises(InternError) as caught:
        named_data(name, "unknown", on(found, tmp_path), nobody, "")
    assert caught.value.exit_code == code and words in caught.value.message and caught.value.hint
    assert not list(tmp_path.glob("*"))


def test_the_parts_of_json_lines_are_joined_and_the_words_choose_the_table(place, tmp_path):
    found, _ = place
    many = describe(found.access, DatasetName("acme/many"))
    chosen, why = pick_config(many, None, "classify short texts")
    assert chosen is not None and chosen.name == "short" and "the request names" in why
    folder = download(found.access, many, chosen, tmp_path)
    assert {t.part: t.records for t in load(folder).items} == {"train": 40, "test": 20}
    with pytest.raises(UsageProblem, match="no config"):
        pick_config(many, "tall", "")


def test_a_large_dataset_is_sampled_by_range(place, tmp_path, monkeypatch):
    found, first = place
    for name, rows in (("acme/shards", 150), (f"acme/tickets@{first}", 399)):
        asked = DatasetName.read(name)
        assert asked is not None
        dataset = describe(found.access, asked)
        with some_rows(found.access, dataset, dataset.configs[0]) as path:
            assert abs(load(path, strict=False).rows - rows) <= 1
        assert not path.exists()


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_parts_that_do_not_fit_together_are_refused(ending, tmp_path):
    good, bad = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    frame = pl.DataFrame({"text": ["one"], "label": ["x"]})
    frame.write_parquet(good) if ending == ".parquet" else frame.write_csv(good)
    bad.write_bytes(b"PAR1 no table at all PAR1" if ending == ".parquet" else b"other,columns\na,b\n")
    with pytest.raises(UsageProblem, match="differ in columns or cannot be read"):
        join([good, bad], tmp_path / f"train{ending}")


class Listener(BaseHTTPRequestHandler):
    seen: list[tuple[str, str | None]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Authorization")))
        self.send_response(404)
        self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


def test_what_our_own_hub_lacks_is_asked_of_the_public_one_without_a_token(place):
    found, _ = place
    own = HubAccess(found.endpoint, found.reader, embedded=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    public = f"http://127.0.0.1:{server.server_address[1]}"
    assert own.holding("dataset", "acme/tickets", public) is own and not Listener.seen
    other = own.holding("dataset", "acme/elsewhere", public)
    assert (other.endpoint, other.token, other.embedded) == (public, None, False)
    with pytest.raises(UsageProblem):
        describe(other, DatasetName("acme/elsewhere"))
    server.shutdown()
    server.server_close()
    assert Listener.seen and all(header is None for _, header in Listener.seen)
    named = HubAccess(found.endpoint, found.reader, embedded=False)
    assert named.holding("dataset", "acme/elsewhere", public) is named  # a configured Hub is not left


@pytest.mark.parametrize(
    ("paths", "splits"),
    [
        (["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"], {"train": 1, "test": 1}),
        (["Some_Vendor_Training.csv"], {"train": 1}),
        (["a.csv", "b.csv", "README.md"], {"train": 2}),
        (["train.csv", "train.parquet", "dev.csv"], {"train": 1, "validation": 1}),
        (["test/x.jsonl", "train/y.jsonl"], {"train": 1, "test": 1}),
        (["../../train.csv", "/etc/test.csv", "tr\x1bain.csv"], {}),
        (["contest.csv", "latest_attrain.csv"], {"train": 2}),
    ],
)
def test_names_say_the_split(paths, splits):
    found = configs([DataFile(path, 1) for path in paths], {})
    assert {s: len(files) for each in found for s, files in each.splits.items()} == splits


def test_hostile_card_metadata_is_bounded():
    files = [DataFile("train.csv", 1)]
    odd = {"configs": [{"config_name": 7, "data_files": "*" * 50}, 3, None, {"data_files": [{"path": 1}]}]}
    assert [each.name for each in configs(files, odd)] == ["default"]
    assert not is_safe("a/../../b.csv") and not is_safe("a\\b.csv") and is_safe("a/b.csv")
    assert DatasetName.read("data/train.csv") is None and DatasetName.read("a/b;rm -rf") is None
