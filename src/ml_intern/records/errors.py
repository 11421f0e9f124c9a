"""Errors that a user can meet, each with what to do about it and the exit code it ends in."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Process exit codes of the command line, documented in `docs/reference.md`."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WAITING = 3
    DENIED = 4
    NO_COMPUTE = 5
    UNSUPPORTED = 6
    INTERRUPTED = 130


class InternError(Exception):
    """A failure with a message for people: what is wrong, and `hint`, what to do about it."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageProblem(InternError):
    """The request cannot be understood or names something that is not there."""

    exit_code = ExitCode.USAGE


class DataUnfit(InternError):
    """The data was read and cannot support the claim that was asked for."""

    exit_code = ExitCode.UNSUPPORTED


class ComputeRefused(InternError):
    """A backend would not take a job: no credit, no permission, no sandbox."""

    exit_code = ExitCode.NO_COMPUTE


class JobUnclear(InternError):
    """It is not known where a job stands; nothing may be started in its place."""

    exit_code = ExitCode.NO_COMPUTE


class OverBudget(ComputeRefused):
    """What was to be started may cost more than may be spent."""


class SandboxMissing(ComputeRefused):
    """There is no working sandbox on this machine; jobs may go without one only after asking."""


class NoRoom(InternError):
    """This machine has too little memory or disk for what was asked."""

    exit_code = ExitCode.NO_COMPUTE


class JobFailed(InternError):
    """A job ran and did not succeed."""


class RunLocked(InternError):
    """Another living process drives this run."""
