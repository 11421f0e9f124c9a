"""The tables on whole runs, also killed, rented, or driven by a small model, and on what a step costs."""

import re
from collections.abc import Iterator
from typing import Any

from benchmarks.command import kept


def sections() -> Iterator[str]:
    """Lines of docs/measured.md; a benchmark without a record is left out."""
    yield from _walkthrough()
    yield from _left_out()
    yield from _escape()
    yield from _chaos()
    yield from _rented()
    yield from _places()
    yield from _small_model()
    yield from _overhead()


def _walkthrough() -> Iterator[str]:
    record = kept("walkthrough")
    if not record:
        return
    yield "\n## The walkthrough: from a sentence to a published model\n"
    yield f"> {record['sentence']}\n"
    yield f"No data named; {len(record['candidates'])} datasets on the Hub, {record['chosen']} chosen:"
    yield f"{record['reason']}. Fine-tuned from {record['base_model']}.\n"
    yield "| test rows | accuracy | macro F1 |"
    yield "|---|---|---|"
    for words, scores in (("all", record["metrics"]), ("without repeats", record["clean_metrics"])):
        if scores:
            yield f"| {words} | {score(scores['accuracy'])} | {score(scores['macro_f1'])} |"
    if "published" not in record:
        return
    answer = record["pipeline"]
    yield f"\nPublished as {record['published']['repo']} with the Space {record['space']}. In a fresh process"
    yield f"`transformers` answer “I want my money back” with {answer['label']} ({answer['score']:.3f})."
    held = sum(ok is True for ok in record["verified"].values())
    yield f"`verify`: {held} of {len(record['verified'])} checks hold."


def score(interval: dict[str, float]) -> str:
    """A score with its interval."""
    return f"{interval['value']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"


def _left_out() -> Iterator[str]:
    record = kept("left_out")
    if not record:
        return
    yield "\n## Improve: training without rows of suspected labels, banking77\n"
    yield f"{100 * record['noise']:.0f} % of the training labels replaced by another class, or none;"
    yield "accuracy on the official test rows, trained on all rows and without those that the audit"
    yield "suspects; changes in points, with 95 % intervals.\n"
    yield "| recipe | seed | wrong labels planted | left out | of them wrong | accuracy | change |"
    yield "|---|---|---|---|---|---|---|"
    for run in record["runs"]:
        change, accuracy = run["accuracy_change"], run["accuracy"]
        yield (
            f"| {run['recipe']} | {run['seed']} | {run['planted']} | {run['left_out']} | "
            f"{run['left_out_and_wrong']} | {accuracy['all']:.3f} → {accuracy['kept']:.3f} | "
            f"{100 * change['value']:+.1f} [{100 * change['low']:+.1f}, {100 * change['high']:+.1f}] |"
        )


def _escape() -> Iterator[str]:
    record = kept("escape")
    if not record:
        return
    ways = record["ways"]
    shown = [name for name, each in ways.items() if each["without"]]
    yield "\n## Ways out of the sandbox\n"
    yield "Tried from inside a job, and as a control in a job without a sandbox. Fork bombs, full disks and"
    yield "the like are tried inside only, by the tests.\n"
    yield "| ways | led out | of those that work without a sandbox |"
    yield "|---|---|---|"
    led_out = [name for name, each in ways.items() if each["sandbox"]]
    yield f"| {len(ways)} | {len(led_out)} | {len(set(led_out) & set(shown))} of {len(shown)} |"
    yield f"\nWork without one: {'; '.join(shown)}."
    yield f"\nWork in neither: {'; '.join(name for name in ways if name not in shown)}."


def _chaos() -> Iterator[str]:
    records = [found for name in ("chaos", "chaos_encoder") if (found := kept(name))]
    if not records:
        return
    yield "\n## Runs killed at random instants, and resumed\n"
    yield "From the sentence to the package: SIGKILL, then `resume`. Right is a run whose artifacts are those"
    yield "of an undisturbed one, whose jobs were each started once, and that left no process.\n"
    yield "| recipe | runs | kills | not right |"
    yield "|---|---|---|---|"
    for found in records:
        recipe = found.get("recipe", "linear")
        yield f"| {recipe} | {found['runs']} | {found['kills']} | {len(found['wrong'])} |"


def _rented() -> Iterator[str]:
    record = kept("rented_chaos")
    if not record:
        return
    yield "\n## Rented trainings while we and the Hub are killed\n"
    yield "On the embedded Hub's Jobs. Right is a training whose model is that of an undisturbed one,"
    yield "whose job was started once, and whose ledger is what was charged, to the micro-dollar.\n"
    yield "| runs | kills of us | kills of the Hub | resumes | not right |"
    yield "|---|---|---|---|---|"
    cells = [record[name] for name in ("runs", "kills_of_us", "kills_of_the_hub", "resumes")]
    yield f"| {' | '.join(map(str, cells))} | {len(record['wrong'])} |"


def _places() -> Iterator[str]:
    record = kept("places")
    if not record:
        return
    yield "\n## The same task here and on a rented machine\n"
    yield "On the embedded Hub's Jobs, which run on this machine at made-up prices; linear on banking77, the"
    yield "encoder on made-up tickets. The same: by the hashes of the files.\n"
    yield "| recipe | place | accuracy | macro F1 | model | predictions on test | kinds of artifacts | cost |"
    yield "|---|---|---|---|---|---|---|---|"
    first: dict[str, dict[str, Any]] = {}
    for run in record["runs"]:
        here = first.setdefault(run["recipe"], run)
        same = [
            "" if run is here else "the same" if run[what] == here[what] else "**another**"
            for what in ("model", "predictions", "kinds")
        ]
        scores = [score(run["scores"][name]) for name in ("accuracy", "macro_f1")]
        cells = [run["recipe"], run["place"], *scores, *same, f"${run['cost_usd']:.4f}"]
        yield f"| {' | '.join(cells)} |"


def _small_model() -> Iterator[str]:
    record = kept("small_model")
    if not record:
        return
    done = sum(each["finished"] for each in record["tries"])
    yield "\n## How far a very small language model carries a run\n"
    yield f"{record['model']}, behind llama.cpp's server on this machine, from a sentence"
    yield f"and {record['rows']} tickets through the stage {record['until']}: {done} of"
    yield f"{len(record['tries'])} tries get there. The others stop where the table says; none"
    yield "ends as a success that it is not.\n"
    yield "| try | stopped at | requests | calls, refused | why |"
    yield "|---|---|---|---|---|"
    for number, each in enumerate(record["tries"], start=1):
        calls = each.get("calls", [])
        refused = sum(call.endswith("(refused)") for call in calls)
        why = re.sub(r"http\S+#", "", each["why"]).replace("|", "/")
        stopped = "done" if each["finished"] else each["stage"]
        yield f"| {number} | {stopped} | {each['requests']} | {len(calls)}, {refused} | {why} |"


def _overhead() -> Iterator[str]:
    record = kept("overhead")
    if not record:
        return
    yield "\n## What the loop adds to a step\n"
    yield "Milliseconds a step of a model that answers at once, in blocks of 100 steps, in our loop and in"
    yield f"a bare agent of the same library; the goal is {record['goal_ms']:.0f} ms more at most. Memory of"
    yield "our process.\n"
    yield "| steps | bare | ours | more | memory |"
    yield "|---|---|---|---|---|"
    for number, (bare, ours) in enumerate(zip(record["bare_ms"], record["ours_ms"], strict=True), start=1):
        memory = record["rss_bytes"][number] / 2**20
        yield f"| {100 * number} | {bare:.1f} | {ours:.1f} | {ours - bare:+.1f} | {memory:.0f} MiB |"
