"""The suite: first all texts, so that they can be answered in one go, then what the answers show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ml_intern.records.stress import CapabilityResult, Case, Conviction, DominantWord
from ml_intern.stress.answers import Answers
from ml_intern.stress.capabilities import discover
from ml_intern.stress.convict import CERTAIN, convict, dominant
from ml_intern.stress.dominance import Probe, probes, weigh
from ml_intern.stress.judge import judge, left_out, result
from ml_intern.stress.material import Capability, Drafts, Material


@dataclass(frozen=True)
class Suite:
    """All that is asked of the model. A capability has drafts, or a reason why it has none."""

    material: Material
    asked: tuple[tuple[Capability, Drafts | str], ...]
    probes: tuple[Probe, ...]
    texts: tuple[str, ...]
    """Every text once."""


@dataclass(frozen=True)
class Shown:
    """What the answers show."""

    capabilities: tuple[CapabilityResult, ...]
    words: tuple[DominantWord, ...]
    convictions: tuple[Conviction, ...]
    cases: tuple[tuple[str, Case], ...]
    verdict: str


def make_suite(material: Material) -> Suite:
    """All cases; they follow from the material alone."""
    asked = tuple((each, each.make(material)) for each in discover())
    probed = tuple(probes(material))
    texts: list[str] = list(material.texts)
    for _, drafts in asked:
        if not isinstance(drafts, str):
            texts += [draft.original for draft in drafts if draft.original]
            texts += [draft.text for draft in drafts]
    texts += [text for probe in probed for text in probe.texts]
    return Suite(material, asked, probed, tuple(dict.fromkeys(texts)))


def show(suite: Suite, answers: Answers) -> Shown:
    """Judge the answers to `suite.texts`."""
    results, cases, certain = [], list[tuple[str, Case]](), Counter[str]()
    for capability, drafts in suite.asked:
        if isinstance(drafts, str):
            results.append(left_out(capability, drafts))
            continue
        results.append(result(capability, drafts, answers))
        judged = [judge(draft, answers) for draft in drafts]
        cases += [(capability.id, case) for case in judged]
        held = [answers[draft.text].held_back for draft in drafts]
        certain[capability.id] = sum(
            case.confidence > CERTAIN and not back for case, back in zip(judged, held, strict=True)
        )
    found = [weigh(probe, answers) for probe in suite.probes]
    convictions = convict(suite.material, results, found, answers, certain)
    found = sorted(found, key=lambda word: (-word.injected.low, -word.flips, word.word))
    return Shown(
        tuple(results),
        tuple(word for word in found if dominant(word)) or tuple(found[:3]),
        convictions,
        tuple(cases),
        verdict(results, convictions),
    )


def verdict(results: Sequence[CapabilityResult], convictions: Sequence[Conviction]) -> str:
    """One or two sentences: the faults, then the weakest capabilities."""
    tried = [each for each in results if each.rate is not None]
    weak = sorted((e for e in tried if e.failures), key=lambda e: -(e.rate.value if e.rate else 0))
    said = " ".join(each.message for each in convictions)
    if not tried:
        return "Nothing could be tried."
    if not weak:
        return f"{said} All {len(tried)} capabilities passed every case.".strip()
    worst = ", ".join(f"{e.title.lower()} {e.failures} of {e.cases}" for e in weak[:3])
    return f"{said} It failed most often at: {worst}.".strip()
