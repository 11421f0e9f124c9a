"""The tables on runs that are killed, on wrong labels left out, and on what a step costs."""

from collections.abc import Iterator

from benchmarks.command import kept


def sections() -> Iterator[str]:
    """Lines of docs/measured.md; a benchmark without a record is left out."""
    yield from _left_out()
    yield from _chaos()
    yield from _rented()
    yield from _overhead()


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


def _chaos() -> Iterator[str]:
    record = kept("chaos")
    if not record:
        return
    yield "\n## Runs killed at random instants, and resumed\n"
    yield "From the sentence to the package, with the linear recipe: SIGKILL, then `resume`. Right is a"
    yield "run whose artifacts are those of an undisturbed one, whose jobs were each started once, and that"
    yield "left no process.\n"
    yield "| runs | kills | not right |"
    yield "|---|---|---|"
    yield f"| {record['runs']} | {record['kills']} | {len(record['wrong'])} |"


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
