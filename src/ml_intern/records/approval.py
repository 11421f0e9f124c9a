"""Words of approval. Plain enums: the command line needs them before anything heavy is loaded."""

from enum import StrEnum


class ApprovalPolicy(StrEnum):
    """What may go ahead without asking: nothing, plans within their limits, or publishing too."""

    ASK = "ask"
    PLAN = "plan"
    ALL = "all"


class Verdict(StrEnum):
    """An answer to a request for approval."""

    APPROVED = "approved"
    DENIED = "denied"
