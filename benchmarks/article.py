"""The request of the article that the product was asked for from, on its data, in two forms.

    python -m benchmarks.article HOME

Once with `--label category`, once on a copy under the article's own column names and without `--label`. The
answer must open with the linear baseline, which does as well. Takes about ten minutes a run on two cores.
"""

import sys
from pathlib import Path

import polars as pl

from benchmarks.command import artifact, datasets, keep, run

SENTENCE = (
    "Build a text classification model that labels customer support tickets by issue type, using a public "
    "Hugging Face dataset, fine-tune a lightweight transformer model, evaluate results with accuracy and "
    "macro F1 scores, and prepare the final model for publishing on the Hugging Face Hub."
)
ARTICLE_COLUMNS = ["flags", "instruction", "category", "intent", "response"]


def under_article_names(into: Path) -> Path:
    """A copy of the data under the article's column names; the reply, which ours lacks, is filled in."""
    into.mkdir(parents=True, exist_ok=True)
    for source in sorted((datasets() / "bitext-support").glob("*.csv")):
        frame = pl.read_csv(source, infer_schema=False)
        frame = frame.rename({"utterance": "instruction", "tags": "flags"}).with_columns(
            response=pl.lit("We are looking into it.")
        )
        frame.select(ARTICLE_COLUMNS).write_csv(into / source.name)
    return into


def main(home: Path) -> None:
    """Both forms, and results/article.json."""
    forms = {
        "with --label category": [str(datasets() / "bitext-support"), "--label", "category"],
        "article's columns, no --label": [str(under_article_names(home / "data" / "bitext-article"))],
    }
    record = {"sentence": SENTENCE, "runs": []}
    for number, (form, options) in enumerate(forms.items()):
        place = home / str(number)
        result = run(place, "run", SENTENCE, "--data", *options, "--approve", "plan", "--time-limit", "120")
        found = artifact(place, "data_report")
        record["runs"].append(
            {
                "form": form,
                "exit_code": result["exit_code"],
                "label": found["label"],
                "verdict": result["verdict"],
                "worth": result["worth"],
                "findings": [{"id": f["id"], "message": f["message"]} for f in result["findings"][:3]],
                "metrics": result["metrics"],
                "clean_metrics": result["clean_metrics"],
                "baselines": result["baselines"],
                "planned_minutes": artifact(place, "training_plan")["minutes"]["value"],
                "real_minutes": artifact(place, "training_run")["seconds"] / 60,
            }
        )
        keep("article", record)
        print(f"{form}: {result['findings'][0]['message']}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
