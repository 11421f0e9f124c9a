"""The demo: type a text, see the answer and how likely each class is. All that it needs lies beside it."""

import json
import runpy
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import gradio as gr
import polars as pl

HERE = Path(__file__).parent
DEMO = json.loads((HERE / "demo.json").read_text(encoding="utf-8"))
LONGEST = 10_000
"""Characters of a text that are looked at."""
LOCK = threading.Lock()


def classify(text: str) -> tuple[str, dict[str, float]]:
    """The answer, and the probability of each class."""
    columns = {DEMO["id_column"]: ["0"], DEMO["text_column"]: [text[:LONGEST]]}
    with tempfile.TemporaryDirectory() as folder, LOCK:
        asked, given = Path(folder) / "asked.parquet", Path(folder) / "given.parquet"
        pl.DataFrame(columns).write_parquet(asked)
        # The script that was evaluated answers here, too; what it imports stays loaded.
        sys.argv = ["predict.py", str(HERE / "model"), str(asked), str(given)]
        runpy.run_path(str(HERE / "predict.py"), run_name="__main__")
        row: dict[str, Any] = pl.read_parquet(given).row(0, named=True)
    return row.get("answer", row["label"]), dict(zip(DEMO["labels"], row["probabilities"], strict=True))


def page() -> gr.Blocks:
    """One text in, the answer and the likeliest classes out; below, texts that work and texts that break."""
    with gr.Blocks(title=DEMO["title"]) as made:
        gr.Markdown(f"# {DEMO['title']}\n\n{DEMO['description']}")
        with gr.Row():
            with gr.Column():
                text = gr.Textbox(label="Text", lines=4, max_length=LONGEST, elem_id="text")
                button = gr.Button("Classify", variant="primary", elem_id="classify")
            with gr.Column():
                answer = gr.Textbox(label="Answer", interactive=False, elem_id="answer")
                classes = gr.Label(label="Probabilities", num_top_classes=5, elem_id="probabilities")
        for title, texts in DEMO["examples"].items():
            gr.Examples([[each] for each in texts], [text], label=title)
        gr.Markdown(DEMO["limits"])
        gr.on([button.click, text.submit], classify, [text], [answer, classes], api_name="classify")
    return made


if __name__ == "__main__":
    page().launch()
