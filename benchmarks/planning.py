"""Planned minutes against real minutes, over runs of different size.

    python -m benchmarks.planning HOME

HOME is a folder for the runs. Each run is approved beforehand, so plan and training follow each other on the
same machine. The goal: the real time within 25 % of the planned one in nine of ten. Takes about 20 minutes
on two cores.
"""

import sys
from pathlib import Path

from benchmarks.command import artifact, keep, run
from benchmarks.subsets import banking77

TASK = (
    "Classify banking questions by intent: fine-tune a lightweight transformer, report accuracy and macro F1."
)
SIZES = ((250, 10), (350, 20), (450, 10), (600, 30), (800, 20), (1000, 40), (1300, 77))
"""Rows and classes of each run. banking77, article and kills add runs of up to 9,000 rows to the table."""
GOAL = 0.25


def main(home: Path) -> None:
    """Run every size once and write results/planning.json after each."""
    table = []
    for rows, classes in SIZES:
        place = home / f"{rows}-{classes}"
        data = banking77(place / "data" / "questions.csv", rows, classes)
        run(place, "run", TASK, "--data", str(data), "--label", "intent", "--approve", "plan")
        plan, trained = artifact(place, "training_plan"), artifact(place, "training_run")
        planned, real = plan["minutes"]["value"], trained["seconds"] / 60
        epochs = {row["epoch"] for row in trained["curve"]}
        table.append(
            {
                "rows": rows,
                "classes": classes,
                "planned_minutes": planned,
                "low": plan["minutes"]["low"],
                "high": plan["minutes"]["high"],
                "real_minutes": round(real, 3),
                "real_over_planned": round(real / planned, 3),
                "epochs": max(epochs),
                "within_goal": abs(real / planned - 1) <= GOAL,
            }
        )
        hit = sum(line["within_goal"] for line in table)
        keep("planning", {"goal": "real within 25 % of planned in nine of ten", "hit": hit, "runs": table})
        print(
            f"{rows:5} rows  planned {planned:5.2f}  real {real:5.2f}  ratio {real / planned:.2f}", flush=True
        )
    print(f"{hit} of {len(table)} within {GOAL:.0%}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
