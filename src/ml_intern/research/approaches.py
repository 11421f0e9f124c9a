"""The ways to classify texts that are worth comparing, with what is known of each."""

from typing import Final

from ml_intern.records.research import Approach
from ml_intern.records.spec import TaskSpec
from ml_intern.research.knowledge import references

_TEXT_CLASSIFICATION: Final = (
    (
        "linear",
        "Word and character TF-IDF with a linear classifier: seconds of training, no base model.",
        ("banking77-tfidf-svm", "clinc150-tfidf-svm", "bitext-tfidf-svm", "smsspam-svm"),
        "Within a few points of encoders on short utterances, and exact on templated ones.",
    ),
    (
        "probe",
        "A frozen sentence encoder with logistic regression on top: about a minute on two cores.",
        ("banking77-frozen-minilm", "clinc150-frozen-minilm", "banking77-bge-svc"),
        "A small gain over linear where wording varies.",
    ),
    (
        "encoder",
        "A fine-tuned small encoder: minutes to an hour on a CPU.",
        ("banking77-tuned-minilm", "banking77-bert", "clinc150-bert", "agnews-distilbert", "sst2-distilbert"),
        "The best known scores of the three, at hundreds of times the cost of linear.",
    ),
    (
        "large language model",
        "Asking a large language model for each text, with the labels in the prompt.",
        (),
        "No sourced score is built in; costs recur with every text.",
    ),
)


def compare(spec: TaskSpec) -> tuple[Approach, ...]:
    """The approaches for the locked task, the one of `spec.method` chosen.

    A score on another dataset says what an approach can do, not what it will do here; so each reason
    calls it that, and an approach without a source is marked uncertain.
    """
    known = references()
    approaches = []
    for name, summary, ids, finding in _TEXT_CLASSIFICATION:
        chosen = name == spec.method
        why = "It is the method of the locked task. " if chosen else "The locked task asks for another. "
        caveat = "Scores are from other datasets." if ids else "Uncertain: nothing measured stands behind it."
        approaches.append(
            Approach(
                name=name,
                summary=summary,
                references=tuple(known[each] for each in ids),
                uncertain=not ids,
                chosen=chosen,
                reason=f"{why}{finding} {caveat}",
            )
        )
    return tuple(approaches)
