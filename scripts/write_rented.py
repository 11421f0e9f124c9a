"""Write the transcript in docs/rented.md from real commands, or with --check see that it is still true.

It compares words: numbers and ids differ from one machine, and one run, to the next.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ml_intern.demo.tickets import write_tickets

PAGE = Path(__file__).parent.parent / "docs" / "rented.md"
BLOCK = re.compile(r"(<!-- transcript -->\n```text\n)(.*?)(```)", re.S)
SENTENCE = "Label customer support tickets by issue type; report accuracy, macro F1 and a confusion matrix."
COMMANDS = (
    (f'"{SENTENCE}" --data tickets.csv --compute hf-jobs:t4-small,local --budget 1 --time-limit 30', 3),
    ("approve", 3),
    ("approve", 0),
    ("costs", 0),
)
LEFT_OUT = re.compile(
    r"^ (C|word_ngrams|char_ngrams|min_df|max_features|typo_augmentation|wording_augmentation|checkpoints) "
)
FROM = "✓ inspect"
"""What comes before, the findings, is shown elsewhere."""


def main() -> int:
    """Write, or compare."""
    text = PAGE.read_text(encoding="utf-8")
    found = BLOCK.search(text)
    assert found is not None, "the page has no place for the transcript"
    made = transcript()
    if "--check" not in sys.argv:
        PAGE.write_text(text[: found.start(2)] + made + text[found.end(2) :], encoding="utf-8")
        return 0
    if words(made) == words(found[2]):
        return 0
    print(f"docs/rented.md is not what the commands print now:\n{made}\nrun: python scripts/write_rented.py")
    return 1


def transcript() -> str:
    """What a user without credit sees, with the Hub that comes with it."""
    command = Path(sys.executable).with_name("ml-intern")
    unset = {"HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    parts = []
    with tempfile.TemporaryDirectory() as work:
        home = str(Path(work) / "home")
        given = {
            "ML_INTERN_HOME": home,
            "HF_HOME": str(Path(work) / "none"),
            "COLUMNS": "80",
            "NO_COLOR": "1",
        }
        write_tickets(Path(work) / "tickets.csv", rows=400)
        for words_of, code in COMMANDS:
            done = subprocess.run(
                f"{command} {words_of}", shell=True, cwd=work, env=kept | given, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            assert done.returncode == code, done.stdout
            parts.append(f"$ ml-intern {words_of}\n{shortened(done.stdout.replace(home, '~'))}")
    return "\n".join(parts)


def shortened(printed: str) -> str:
    """Without the settings of the plan, and without what was found in the data."""
    lines: list[str] = []
    skipping = False
    for line in printed.splitlines():
        skipping = bool(LEFT_OUT.match(line)) or (skipping and line.startswith("    "))
        if not skipping:
            lines.append(line.rstrip())
    start = next((number for number, line in enumerate(lines) if line.startswith(FROM)), 0)
    if start:
        lines = ["[…]", *lines[start:]]
    return "\n".join(lines) + "\n"


def words(text: str) -> list[str]:
    """The words alone."""
    return re.sub(r"\d+ s left|\b[0-9a-f]{8}\b|[\d.,]+|…|-", " ", text).split()


if __name__ == "__main__":
    sys.exit(main())
