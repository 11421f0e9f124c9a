"""banking77 with the default plan: does fine-tuning beat the linear baseline, over three seeds?

    python -m benchmarks.banking77 HOME [SEED …]

HOME is a folder for the runs; one that was interrupted goes on where it stood. Hyperparameters are the
recipe's defaults, which were chosen on validation rows (see its reasons.json). Takes about 20 minutes a
seed on two cores.
"""

import platform
import sys
from pathlib import Path

from benchmarks.command import artifact, datasets, keep, kept, run

TASK = (
    "Classify banking questions by intent: fine-tune a lightweight transformer, report accuracy and macro F1."
)


def main(home: Path, seeds: list[int]) -> None:
    """Run each seed in a home of its own and write it into results/banking77.json, beside the other seeds."""
    machine = platform.processor() or platform.machine()
    record = kept("banking77") or {"task": TASK, "machine": machine, "seeds": []}
    for seed in seeds:
        record["seeds"] = [each for each in record["seeds"] if each["seed"] != seed]
        place = home / str(seed)
        if (place / "state.db").exists():
            result = run(place, "resume")
        else:
            data = str(datasets() / "banking77")
            options = ["--data", data, "--seed", str(seed), "--approve", "plan", "--time-limit", "180"]
            result = run(place, "run", TASK, *options)
        evaluation, trained = artifact(place, "evaluation"), artifact(place, "training_run")
        plan = artifact(place, "training_plan")
        record["seeds"].append(
            {
                "seed": seed,
                "metrics": result["metrics"],
                "clean_metrics": result["clean_metrics"],
                "baselines": result["baselines"],
                "comparisons": evaluation["comparisons"],
                "worth": evaluation["worth"],
                "best_validation": trained["best_value"],
                "planned_minutes": plan["minutes"],
                "real_minutes": trained["seconds"] / 60,
                "expected": plan["expected"],
                "peak_memory_bytes": trained["peak_memory_bytes"],
                "versions": trained["versions"],
            }
        )
        keep("banking77", record)
        print(f"seed {seed}: {result['verdict']} {evaluation['worth']}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), [int(word) for word in sys.argv[2:]] or [0, 1, 2])
