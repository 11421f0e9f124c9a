"""Texts without the greetings, thanks and other courtesies around them.

Around a short text a courtesy makes up so many of the letters that edit similarity no longer sees the copy:
"could you please tell me what is my balance" shares half its letters with "what is my balance". Only phrases
that ask for nothing by themselves are listed, in English; other languages are compared as they are.
"""

from typing import Final

import polars as pl

_ASKING: Final = r"(?:could|can|would|will) (?:you|u)(?: (?:please|kindly|possibly))?"
_FOR: Final = r"(?: (?:tell|help) (?:me|us)(?: out)?(?: with)?| let (?:me|us) know| explain(?: to me)?)?"
_WHOM: Final = r"(?: (?:there|all|everyone|folks|guys|team|sir|madam))*"
_OPENINGS: Final = (
    rf"(?:hi|hello|hey|hiya|greetings|howdy|dear|good (?:morning|afternoon|evening|day)){_WHOM}",
    r"(?:excuse|pardon) me|(?:i am |i m )?sorry(?: to bother (?:you|u))?",
    r"thanks|thank you|please|pls|plz|kindly|(?:please|kindly) (?:tell me|let me know)",
    r"i (?:(?:would|d) (?:like|love)|want|need) to (?:know|ask)|i was wondering|quick question",
    _ASKING + _FOR,
)
_MUCH: Final = r"(?: (?:a lot|a bunch|so much|very much|in advance|again|for your (?:help|time)))*"
_CLOSINGS: Final = (
    rf"(?:many |much )?(?:thanks|thx|ty|thank (?:you|u)){_MUCH}|much appreciated|cheers",
    r"please|pls|plz|(?:please )?help(?: me)?(?: out)?|(?:please |kindly )?(?:advise|let me know)",
    r"(?:best |kind |warm )?regards|best wishes|have a (?:nice|good|great|lovely) (?:day|one|evening)",
    r"sir|madam|team|everyone|guys|bye|goodbye",
)


def bare(texts: pl.Series) -> pl.Series:
    """Masked texts (see `normalise`) without what stands around them out of courtesy; empty where all does.

    Takes about 0.02 s for 100,000 short texts.
    """
    opened = texts.str.replace(rf"^(?:(?:{'|'.join(_OPENINGS)})(?: |$))+", "")
    return opened.str.replace(rf"(?:(?:^| )(?:{'|'.join(_CLOSINGS)}))+$", "")
