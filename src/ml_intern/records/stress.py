"""How the model behaves on texts made to try it, capability by capability."""

from enum import StrEnum

from ml_intern.records.base import Artifact, FileRef, Record
from ml_intern.records.metrics import Interval


class TestKind(StrEnum):
    """What a case holds the model to, after CheckList (Ribeiro et al. 2020, ACL, §2).

    A minimum functionality test knows the right answer or the most confidence that may be shown, an
    invariance test expects the answer to the clean text, a directional test expects the confidence to move
    one way.
    """

    MINIMUM_FUNCTIONALITY = "minimum_functionality"
    INVARIANCE = "invariance"
    DIRECTIONAL = "directional"


class Case(Record):
    """One text that was tried, with what was expected of it and what came back.

    `original` is the test row's text that it was made from; empty where it was made from none. `labels` are
    the answers that pass; empty where any does. `most_confidence` is the highest confidence that passes, 1
    where any does. `why` says in words what went wrong; empty where nothing did.
    """

    text: str
    original: str
    labels: tuple[str, ...]
    most_confidence: float
    answer: str
    confidence: float
    why: str

    @property
    def passed(self) -> bool:
        """Whether the model did as expected."""
        return not self.why


class CapabilityResult(Record):
    """What one capability showed. `id` is the name of its file; `expectation` what a sound model does.

    `rate` is the share of `cases` that failed, with Wilson's 95 % interval; None where there was no case.
    `clean` is the accuracy on the unchanged rows that the cases were made from, `changed` that on the cases,
    `drop` their paired difference: None where the cases have no true label. `overconfident` counts the cases
    that failed by their confidence. Where the capability does not apply, `reason` says why and nothing else
    is filled. `examples` are the worst failures first.
    """

    id: str
    title: str
    kind: TestKind
    expectation: str
    cases: int
    failures: int
    rate: Interval | None
    clean: Interval | None
    changed: Interval | None
    drop: Interval | None
    overconfident: int
    reason: str
    examples: tuple[Case, ...]

    @property
    def applies(self) -> bool:
        """Whether there was anything to try."""
        return not self.reason


class DominantWord(Record):
    """A single word that decides for a class.

    Of the `rows` texts with the word that were answered `label`, `flips` are answered otherwise once it is
    taken out (occlusion). `injected` is the share of rows of other classes that turn to `label` when the word
    is put in, with its interval.
    """

    label: str
    word: str
    rows: int
    flips: int
    injected: Interval


class Conviction(Record):
    """A fault that the cases together prove: `id` is stable, `message` says what is so, with its figures."""

    id: str
    message: str
    action: str
    capabilities: tuple[str, ...]


class StressReport(Artifact):
    """The behavioural suite's results; every capability stands in `capabilities`, run or not.

    `cases` pins a Parquet file with every case. The cases follow from the test rows, the class names and
    `seed` alone. `rows` counts the test rows that cases were made from, `texts` those that were predicted.
    """

    capabilities: tuple[CapabilityResult, ...]
    words: tuple[DominantWord, ...]
    convictions: tuple[Conviction, ...]
    rows: int
    texts: int
    cases: FileRef
    seed: int
    verdict: str
    seconds: float
