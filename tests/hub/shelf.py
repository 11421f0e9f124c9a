"""A Hub full of datasets: three real ones, and decoys that each miss the task in a way of their own."""

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import CommitOperationAdd, HfApi

from ml_intern.demo.tickets import write_tickets
from ml_intern.hub.access import HubAccess
from ml_intern.hub.server.app import open_hub_folder
from ml_intern.hub.server.serve import served

SENTENCE = (
    "Build a text classification model that labels customer support tickets by issue type, using a public "
    "Hugging Face dataset, fine-tune a lightweight transformer model, evaluate with accuracy and macro F1, "
    "and prepare the model for publishing on the Hugging Face Hub."
)
WRITER = "newcomer"
BITEXT, BANKING, CLINC = "bitext/customer-support-intents", "PolyAI/banking77", "clinc/clinc150"


@dataclass(frozen=True)
class Shelf:
    """A running Hub: its endpoint, its owner's token, one that may only read, and that of a user, `WRITER`.

    What is gated is open to its owner, so none but the others show how that is met.
    """

    endpoint: str
    token: str
    reader: str
    writer: str

    @property
    def access(self) -> HubAccess:
        return HubAccess(self.endpoint, self.reader, embedded=False)

    def environment(self) -> dict[str, str]:
        return {"HF_ENDPOINT": self.endpoint, "HF_TOKEN": self.reader}


@contextmanager
def shelf(folder: Path) -> Iterator[Shelf]:
    hub = open_hub_folder(folder)
    with served(hub) as url:
        owner = hub.catalogue.new_token("admin", "admin")
        tokens = (
            hub.catalogue.new_token(name, scope) for name, scope in (("reader", "read"), (WRITER, "write"))
        )
        yield Shelf(url, owner, *tokens)
    hub.catalogue.close()


def put(api: HfApi, repo: str, card: str, files: dict[str, bytes]) -> str:
    """Store a dataset; returns its commit."""
    api.create_repo(repo, repo_type="dataset", exist_ok=True)
    named = {"README.md": card.encode(), **files} if card else files
    added = [CommitOperationAdd(name, content) for name, content in named.items()]
    done = api.create_commit(repo, added, commit_message="data", repo_type="dataset")
    return str(done.oid)


def card(title: str, prose: str, licence: str = "", language: str = "en") -> str:
    lines = [f"pretty_name: {title}", "task_categories: [text-classification]"]
    lines += [f"license: {licence}"] if licence else []
    lines += [f"language: {language}"] if language else []
    return "---\n" + "\n".join(lines) + f"\n---\n# {title}\n\n{prose}\n"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([columns, *rows])
    return out.getvalue().encode()


def real_ones(api: HfApi, datasets: Path) -> None:
    names = ("train.csv", "validation.csv", "test.csv")
    put(
        api,
        BITEXT,
        card(
            "Customer support intents",
            "Utterances of users of customer support, labelled with an intent and its category.",
            "cdla-sharing-1.0",
        ),
        {name: (datasets / "bitext-support" / name).read_bytes() for name in names},
    )
    put(
        api,
        BANKING,
        card(
            "BANKING77", "Online banking queries annotated with their intents; customer service.", "cc-by-4.0"
        ),
        {name: (datasets / "banking77" / name).read_bytes() for name in ("train.csv", "test.csv")},
    )
    clinc = json.loads((datasets / "clinc150" / "data_full.json").read_text())
    rows = {
        f"data/{name}.jsonl": "".join(
            json.dumps({"text": text, "intent": intent}) + "\n" for text, intent in clinc[part]
        ).encode()
        for name, part in (("train", "train"), ("validation", "val"), ("test", "test"))
    }
    put(api, CLINC, card("CLINC150", "Queries to a task-driven virtual assistant.", "cc-by-3.0"), rows)


def decoys(api: HfApi, scratch: Path) -> dict[str, str]:
    """Store the decoys; returns for each a piece of the reason for which it must lose."""
    dice = random.Random(7)
    write_tickets(scratch / "tickets.csv", rows=600)
    good = list(csv.reader(io.StringIO((scratch / "tickets.csv").read_text())))
    head, rows = good[0], good[1:]
    tickets = table(head, rows)
    text = max(range(len(head)), key=lambda i: sum(len(row[i]) for row in rows[:50]))
    prose = "Tickets of customer support by issue type."
    films = [
        f"{a} {b}, the {c} of the {d} {e}"
        for a in ("I loved", "I hated", "We slept through", "Nobody liked")
        for b in ("this film", "the movie", "that drama", "its plot", "the acting")
        for c in ("scene", "ending", "story", "script", "cast")
        for d in ("first", "second", "last", "best")
        for e in ("actor", "director", "actress")
    ]
    dice.shuffle(films)
    summaries = [
        [row[text], f"The customer writes about case {n} in some words"] for n, row in enumerate(rows)
    ]
    german = [
        [f"Ich habe meine {a} nicht {b} und möchte {c} für die {d} {n}", e]
        for n in range(60)
        for a, e in (("Rechnung", "billing"), ("Bestellung", "order"), ("Lieferung", "delivery"))
        for b, c, d in (("erhalten", "eine Gutschrift", "Nummer"), ("gefunden", "Hilfe", "Kundin"))
    ]
    put(
        api,
        "acme/support-ticket-summaries",
        card("Support ticket summaries", prose, "mit"),
        {"train.csv": table(("ticket", "summary"), summaries)},
    )
    put(api, "acme/customer-support-tickets-raw", card("Support tickets", prose), {"train.csv": tickets})
    put(
        api,
        "acme/tiny-support-tickets",
        card("Support tickets, tiny", prose, "mit"),
        {"train.csv": table(head, rows[:40])},
    )
    put(
        api,
        "acme/gated-support-tickets",
        card("Support tickets, gated", prose, "mit"),
        {"train.csv": tickets},
    )
    api.update_repo_settings("acme/gated-support-tickets", gated="manual", repo_type="dataset")
    put(
        api,
        "acme/customer-support-tickets-by-issue-type",
        card("Tickets by issue type", prose, "mit"),
        {"train.csv": table(("text", "label"), [[f, str(n % 2)] for n, f in enumerate(films)])},
    )
    put(
        api,
        "acme/support-tickets-unlabelled",
        card("Support tickets without labels", prose, "mit"),
        {"train.csv": table(("text",), [[row[text]] for row in rows])},
    )
    put(
        api,
        "acme/support-tickets-german",
        card("Support-Tickets", prose, "mit", language=""),
        {"train.csv": table(("text", "category"), german)},
    )
    put(
        api,
        "acme/support-tickets-script",
        card("Support tickets by script", prose, "mit"),
        {"support-tickets-script.py": b"raise SystemExit(1)  # must never run", "data.pkl": b"\x80\x04."},
    )
    put(
        api,
        "acme/support-sentiment",
        card('"Support \\e[31mtickets\\u202e"', prose, "mit"),
        {
            "train.csv": table(
                ("ticket\x1b[31m", "sentiment"),
                [[row[text], ("good", "bad")[n % 2]] for n, row in enumerate(rows)],
            )
        },
    )
    return {
        "acme/support-ticket-summaries": "label",
        "acme/customer-support-tickets-raw": "no licence",
        "acme/tiny-support-tickets": "too few",
        "acme/gated-support-tickets": "gated",
        "acme/customer-support-tickets-by-issue-type": "film reviews",
        "acme/support-tickets-unlabelled": "label",
        "acme/support-tickets-german": "de",
        "acme/support-tickets-script": "code of strangers",
        "acme/support-sentiment": "something else",
    }
