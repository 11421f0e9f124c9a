"""A card that lies is found out: altered digits, swapped weights, missing files, pickles."""

import re
import shutil
from pathlib import Path

import pytest

from ml_intern.app.verify import verify
from ml_intern.publishing.verify import MANIFEST, card_scores, example_of, scores_hold
from tests.conftest import Finished

CHECKS = ("manifest", "safe", "example", "card", "card_matches_evaluation", "card_table", "scores")


@pytest.fixture
def bundle(finished: Finished, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder / "bundle", tmp_path / "bundle"))


def checks(bundle: Path, finished: Finished) -> dict[str, bool | None]:
    return {each.id: each.ok for each in verify(str(bundle), finished.home, False, lambda text: None).checks}


def test_an_honest_bundle_holds(bundle: Path, finished: Finished) -> None:
    found = checks(bundle, finished)
    assert found == dict.fromkeys(CHECKS, True)


def test_an_altered_digit_is_found_with_and_without_the_manifest(bundle: Path, finished: Finished) -> None:
    card = bundle / "README.md"
    accuracy = f"{card_scores(bundle)['accuracy']:.4f}"
    better = "0.9999" if accuracy != "0.9999" else "0.9998"
    card.write_text(card.read_text().replace(f"value: {accuracy}", f"value: {better}"))
    assert card_scores(bundle)["accuracy"] == float(better)
    assert checks(bundle, finished)["manifest"] is False
    (bundle / MANIFEST).unlink()
    found = checks(bundle, finished)
    assert found["manifest"] is None
    assert found["card_matches_evaluation"] is False and found["scores"] is False


def test_a_second_claim_and_the_tables_digits_are_found(bundle: Path, finished: Finished) -> None:
    card = bundle / "README.md"
    (bundle / MANIFEST).unlink()
    honest = card.read_text()
    card.write_text(
        honest.replace("    metrics:\n", "    metrics:\n    - type: accuracy\n      value: 0.9999\n", 1)
    )
    assert checks(bundle, finished)["scores"] is False
    card.write_text(re.sub(r"(\*\*this model\*\* \| \d+ \| )[\d.]+", r"\g<1>0.999", honest))
    found = checks(bundle, finished)
    assert found["card_table"] is False and found["card"] is False and found["scores"] is True


def test_a_strangers_script_runs_in_a_sandbox_only(bundle: Path, tmp_path: Path) -> None:
    found = verify(str(bundle), tmp_path / "empty", True, lambda text: None)
    told = {each.id: each.ok for each in found.checks}
    assert told["loads"] is None and "example" not in told


def test_swapped_weights_and_missing_files_are_found(bundle: Path, finished: Finished) -> None:
    weights = bundle / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert checks(bundle, finished)["manifest"] is False
    weights.unlink()
    assert checks(bundle, finished)["manifest"] is False


def test_without_test_rows_it_says_how_far_it_goes(bundle: Path, tmp_path: Path) -> None:
    found = verify(str(bundle), tmp_path / "empty", False, lambda text: None)
    told = {each.id: each for each in found.checks}
    assert found.ok and told["scores"].ok is None and "not on this machine" in told["scores"].message
    assert told["loads"].ok and told["card_matches_evaluation"].ok


def test_what_would_run_when_loaded_is_refused(bundle: Path, finished: Finished) -> None:
    (bundle / "extra.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    found = checks(bundle, finished)
    assert found["safe"] is False and found["manifest"] is False
    assert "example" not in found  # nothing of it was run


@pytest.mark.parametrize(
    "card", ["", "---\na: [\n---\n", "---\nmodel-index: 3\n---\n", "\0", "---\n- 1\n---\n"]
)
def test_cards_that_say_nothing(tmp_path: Path, card: str) -> None:
    (tmp_path / "README.md").write_text(card)
    assert card_scores(tmp_path) == {} and example_of(tmp_path) is None
    assert [check.ok for check in scores_hold(tmp_path, {"accuracy": 1.0}, "")] == [None]


def test_scores_that_round_alike_hold(tmp_path: Path) -> None:
    card = "---\nmodel-index:\n- results:\n  - metrics:\n    - {type: accuracy, value: 0.9123}\n---\n"
    (tmp_path / "README.md").write_text(card)
    assert [check.ok for check in scores_hold(tmp_path, {"accuracy": 0.91231}, "")] == [True]
    (failed,) = scores_hold(tmp_path, {"accuracy": 0.9124}, "")
    assert failed.ok is False and re.search(r"0\.9123 in the card and 0\.9124 in truth", failed.message)
