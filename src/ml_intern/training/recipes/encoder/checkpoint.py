"""What a training run needs to go on after a kill, and the log that goes with it. Used by train.py.

Layout of the folder: last.pt is everything needed to go on (read with weights_only, which runs no code);
best-STEP.safetensors are the weights of the best epoch so far. Not protected against: a power cut within
seconds of a write, because nothing is flushed to the disk.
"""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from scoring import atomically  # type: ignore[import-not-found]  # the file beside this one


@dataclass
class Progress:
    """Where training stands: what a checkpoint holds beside weights, optimiser and random state."""

    step: int = 0
    epoch: int = 0  # how many are finished
    step_in_epoch: int = 0
    best_step: int = 0
    best_value: float = -1.0
    epochs_without_gain: int = 0
    seconds: float = 0.0  # of all starts together
    train_seconds: float = 0.0  # of those, in updates of the weights
    train_rows: int = 0
    window: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])  # loss, rows, seconds not yet logged
    history: list[dict[str, Any]] = field(default_factory=list)

    def count(self, loss: float, rows: int, seconds: float) -> None:
        """Count one step."""
        self.step += 1
        self.step_in_epoch += 1
        self.train_rows += rows
        self.train_seconds += seconds
        self.window = [a + b for a, b in zip(self.window, (loss * rows, rows, seconds), strict=True)]

    def end_epoch(self, value: float) -> bool:
        """Count a finished epoch; whether it is the best so far. The first of equals wins."""
        self.epoch += 1
        self.step_in_epoch = 0
        better = value > self.best_value
        self.epochs_without_gain = 0 if better else self.epochs_without_gain + 1
        if better:
            self.best_value, self.best_step = value, self.step
        return better


class Keeper:
    """Writes checkpoints and metrics.jsonl, and finds its way back to them.

    `key` stands for config and data: a checkpoint made with others is ignored. `clock` is when the job
    started, in time.monotonic.
    """

    def __init__(self, outputs: Path, key: str, clock: float) -> None:
        self.folder = outputs / "checkpoints"
        self.metrics = outputs / "metrics.jsonl"
        self.key = key
        self.clock = clock
        self.last_saved = time.monotonic()
        self.progress = Progress()

    def resume(self, model: Any, optimizer: torch.optim.Optimizer) -> Progress:
        """Go back to the last checkpoint, if there is one, and take back what was logged after it."""
        last = self.folder / "last.pt"
        state: Any = torch.load(last, map_location="cpu", weights_only=True) if last.exists() else {}
        if state and state["key"] == self.key:
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
            torch.set_rng_state(state["random"])
            if torch.cuda.is_available() and state["random_cuda"]:
                torch.cuda.set_rng_state_all(state["random_cuda"])
            self.progress = Progress(**state["progress"])
        lines = "".join(json.dumps(row) + "\n" for row in self.progress.history)
        atomically(self.metrics, lambda path: path.write_text(lines))
        print(lines, end="", flush=True)
        return self.progress

    def save(self, model: Any, optimizer: torch.optim.Optimizer) -> None:
        """Replace last.pt; only then may weights go that are no longer the best."""
        self.tick()
        state = {
            "key": self.key,
            "progress": asdict(self.progress),
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "random": torch.get_rng_state(),  # dropout's; the order of rows depends on seed and epoch alone
            "random_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }
        atomically(self.folder / "last.pt", lambda path: torch.save(state, path))
        for old in self.folder.glob("best-*"):
            if old != self.best:
                old.unlink()
        self.last_saved = time.monotonic()

    def is_due(self, minutes: float, steps: int | None) -> bool:
        """Whether it is time for a checkpoint within an epoch."""
        late = time.monotonic() - self.last_saved > 60 * minutes
        return late or bool(steps and self.progress.step % steps == 0)

    @property
    def best(self) -> Path:
        """The weights of the best epoch so far."""
        return self.folder / f"best-{self.progress.best_step}.safetensors"

    def save_best(self, model: Any) -> None:
        """Keep the weights of the best epoch so far, beside the one that last.pt knows."""
        atomically(self.best, lambda path: save_model(model, str(path)))

    def load_best(self, model: Any) -> None:
        """Put the weights of the best epoch back into the model."""
        load_model(model, self.best, device=str(model.device))

    def tick(self) -> float:
        """The seconds that all starts together have taken."""
        now = time.monotonic()
        self.progress.seconds += now - self.clock
        self.clock = now
        return self.progress.seconds

    def log(self, row: dict[str, Any]) -> None:
        """Add the mean loss since the row before; append to metrics.jsonl and print."""
        loss, rows, seconds = self.progress.window
        self.progress.window = [0.0, 0.0, 0.0]
        measured = {"loss": loss / rows, "rows_per_second": round(rows / seconds, 2)}
        row = {"step": self.progress.step, **row, **measured, "seconds": round(self.tick(), 3)}
        self.progress.history.append(row)
        with self.metrics.open("a") as stream:
            stream.write(json.dumps(row) + "\n")
        print(json.dumps(row), flush=True)
