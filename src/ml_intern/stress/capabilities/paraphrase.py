"""The same request in another form of asking.

The openings of questions and requests are exchanged for others that ask for the same.
"""

import random
import re

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

OPENINGS = (
    (r"^(?:can|could|would) you (?:please )?", ("please ", "i would like you to ", "i need you to ")),
    (r"^please ", ("could you ", "would you kindly ", "i would like you to ")),
    (r"^how (?:do|can) i ", ("what is the way to ", "tell me how to ", "i would like to know how to ")),
    (r"^how to ", ("how do i ", "what is the way to ", "tell me how to ")),
    (r"^i (?:want|need|would like|'d like) to ", ("i wish to ", "please let me ", "it is time for me to ")),
    (r"^(?:what is|what's) ", ("tell me ", "i would like to know ", "let me know ")),
    (r"^(?:where is|where's) ", ("tell me the whereabouts of ", "i am looking for ", "i cannot find ")),
    (r"^why (?:is|was|did|does|has|do) ", ("what is the reason that ", "for what reason ")),
    (r"^(?:is|are) there ", ("do you have ", "i wonder whether there is ")),
    (r"^i (?:have|'ve) (?=(?:an?|the|some|two|no) )", ("there is ", "on my side there is ")),
    (r"^my ", ("the thing is that my ", "it is my ")),
)


def rephrased(text: str, chance: random.Random) -> str:
    """The text with another opening, where it has one that is known."""
    plain = text.strip()
    for pattern, others in OPENINGS:
        found = re.match(pattern, plain, re.IGNORECASE)
        if found:
            return chance.choice(others) + plain[found.end() :]
    return text


def make(material: Material) -> Drafts | str:
    """Rows whose opening can be exchanged."""
    return changed(material, "paraphrase", rephrased)


CAPABILITY = Capability(
    "paraphrase",
    "Another form of asking",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
