"""What was reserved and what was spent, in whole micro-dollars."""

from enum import StrEnum

from ml_intern.records.base import Record


class EntryState(StrEnum):
    """`RESERVED` counts in full until it is known what it came to; `RELEASED` never came to anything."""

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"


class Ask(Record):
    """What is to be set aside: at worst `micro_usd`, at this price where it is paid by time.

    `key` is unique: a job's intent, or a request to a brain.
    """

    key: str
    what: str
    where: str
    micro_usd: int
    basis: str
    price_micro_usd: int = 0
    unit: str = ""


class Entry(Record):
    """One line of the ledger.

    `micro_usd` is what counts now: the worst case
    while it is reserved, then what it really was; `reserved_micro_usd` is what was set aside. `basis` says
    where the amount comes from. Times are ISO 8601 in UTC.
    """

    key: str
    run: str
    what: str
    where: str
    state: EntryState
    reserved_micro_usd: int
    micro_usd: int
    basis: str
    time: str
