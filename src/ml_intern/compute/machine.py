"""The machine we run on, as a backend offers it."""

import os

import psutil

from ml_intern.records.jobs import Hardware


def this_machine() -> Hardware:
    """This machine, for nothing."""
    return Hardware(
        flavour="cpu",
        micro_usd_per_unit=0,
        unit="hour",
        cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
    )
