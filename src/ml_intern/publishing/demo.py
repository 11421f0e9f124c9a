"""The folder for a Space: the app, the model it answers with, and examples that work and that break."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from ml_intern.publishing.bundle import pinned
from ml_intern.publishing.trace import escape_markdown
from ml_intern.records.base import FileRef
from ml_intern.records.demo import DemoExample

TEMPLATES: Final = Path(__file__).with_name("space")
FOLDER: Final = "demo"
SDK_VERSION: Final = "6.31.0"
"""The Gradio that the app was tried with; a Space installs it by itself."""
MOST_CLASSES: Final = 12
SHOWN: Final = 5
OF_NO_CLASS: Final = (
    "What will the weather be like on the moon tomorrow?",
    "asdf ghjk qwer zxcv",
    "Write me a short poem about rivers.",
    "🙂🙂🙂",
)


@dataclass(frozen=True)
class Candidate:
    """A text of our own, none of the data, with the label that it should get; None where it has no class."""

    text: str
    label: str | None


def candidates(labels: Sequence[str]) -> tuple[Candidate, ...]:
    """Texts made from the names of the first classes: plain, mistyped, negated, shouted; and some of none."""
    named = [(label, label.replace("_", " ").replace("-", " ").lower()) for label in labels[:MOST_CLASSES]]
    made = []
    for place, (label, words) in enumerate(named):
        _, other = named[(place + 1) % len(named)]
        made += [
            Candidate(f"I have a question about {words}.", label),
            Candidate(f"i hvae a qusetion abuot {_swapped(words)}", label),
            Candidate(f"This is not about {other}, it is about {words}.", label),
            Candidate(f"I NEED HELP WITH {words.upper()} NOW!!!", label),
        ]
    return (*made, *(Candidate(text, None) for text in OF_NO_CLASS))


def _swapped(words: str) -> str:
    """Each word of four letters or more with two of its inner letters swapped."""
    return " ".join(w if len(w) < 4 else w[0] + w[2] + w[1] + w[3:] for w in words.split())


def chosen(examples: Sequence[DemoExample]) -> tuple[tuple[DemoExample, ...], tuple[DemoExample, ...]]:
    """The examples to show: some that work, and those that break, the surest first, one a class."""
    surest = sorted(examples, key=lambda each: -each.probability)
    works, breaks = (
        {each.expected: each for each in reversed(surest) if (each.expected == each.answer) is right}
        for right in (True, False)
    )
    return _best(works.values()), _best(breaks.values())


def _best(found: Iterable[DemoExample]) -> tuple[DemoExample, ...]:
    return tuple(sorted(found, key=lambda each: -each.probability)[:SHOWN])


def make_demo(
    run_folder: Path,
    model: str,
    licence: str,
    settings: Mapping[str, Any],
    files: Mapping[str, Path],
    requirements: Path,
    examples: Sequence[DemoExample],
) -> tuple[FileRef, ...]:
    """Write the folder `demo` of the run; its files, pinned.

    `model` is the name of the model's repository; `settings` are `title`, `labels`, `id_column` and
    `text_column`; `files` maps a path in the folder to the file to copy there. The folder appears complete
    or not at all.
    """
    works, breaks = chosen(examples)
    draft = run_folder / f"{FOLDER}.new"
    shutil.rmtree(draft, ignore_errors=True)
    for name, source in {"app.py": TEMPLATES / "app.py", **files}.items():
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    shutil.copyfile(requirements, draft / "requirements.txt")
    words = _words(model, settings["labels"], len(examples), len(breaks))
    told = {
        "Examples that work": [each.text for each in works],
        "Examples that break": [each.text for each in breaks],
    }
    demo = {**settings, **words, "examples": {title: texts for title, texts in told.items() if texts}}
    (draft / "demo.json").write_text(json.dumps(demo, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (draft / "README.md").write_text(_readme(model, licence, words, works, breaks), encoding="utf-8")
    final = run_folder / FOLDER
    shutil.rmtree(final, ignore_errors=True)
    draft.rename(final)
    return pinned(final)


def _words(model: str, labels: Sequence[str], tried: int, broke: int) -> dict[str, str]:
    named = ", ".join(escape_markdown(label) for label in labels[:MOST_CLASSES])
    more = f" and {len(labels) - MOST_CLASSES} more" if len(labels) > MOST_CLASSES else ""
    return {
        "title": f"Demo of {model}",
        "description": f"Classifies a text as one of {len(labels)} classes: {named}{more}.",
        "limits": (
            f"The examples are made up from the names of classes. {tried} were tried; the surest are shown, "
            "of those that came out as expected and of those that did not. The model's card says how often "
            "it is right on real texts."
        ),
    }


def _readme(
    model: str,
    licence: str,
    words: Mapping[str, str],
    works: Sequence[DemoExample],
    breaks: Sequence[DemoExample],
) -> str:
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )  # no autoescape: it is Markdown, and what comes from the data is escaped for that
    environment.filters["cell"] = escape_markdown
    template = environment.from_string((TEMPLATES / "README.md.j2").read_text(encoding="utf-8"))
    return template.render(
        model=model,
        licence=licence if licence != "unknown" else "",
        sdk_version=SDK_VERSION,
        request=json.dumps({"data": ["Where is my parcel?"]}),
        works=works,
        breaks=breaks,
        **words,
    )
