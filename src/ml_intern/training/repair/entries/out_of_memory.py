"""Out of memory: a batch, with all that its gradient needs, does not fit.

Shows as the backend's verdict `out_of_memory` (the kernel or the limit killed the job, often without a word),
or as the allocation error of torch, CUDA, numpy or Python.

Fix: fewer rows at once, more batches per update. The gradients of the smaller batches add up to that of the
large one, so the effective batch, and with it the learning rate that suits it, stays the same; see "Gradient
accumulation" in the transformers documentation (perf_train_gpu_one). It ends at batch 1.
"""

import re

from ml_intern.records.jobs import JobState
from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import last_match

PRIORITY = 10
SIGNS = re.compile(
    r"can't allocate memory: you tried to allocate|CUDA out of memory|OutOfMemoryError|"
    r"^MemoryError\b|_ArrayMemoryError|Cannot allocate memory|CUBLAS_STATUS_ALLOC_FAILED"
)
SETTINGS = (
    ("batch_size", "gradient_accumulation"),
    ("batch_size", "gradient_accumulation_steps"),
    ("per_device_train_batch_size", "gradient_accumulation_steps"),
)


def recognise(failure: Failure) -> Patch | None:
    """Smaller batches, as many more of them per update."""
    found = last_match(SIGNS, failure.log)
    if failure.state is not JobState.OUT_OF_MEMORY and not found:
        return None
    for batch_name, accumulation_name in SETTINGS:
        batch, accumulation = failure.config.get(batch_name), failure.config.get(accumulation_name)
        if type(batch) is int and type(accumulation) is int and batch > 1 and accumulation > 0:
            break
    else:
        return None
    smaller = next(size for size in range(batch // 2, 0, -1) if batch % size == 0)
    changed = {batch_name: smaller, accumulation_name: accumulation * (batch // smaller)}
    return Patch(
        bug="out_of_memory",
        explanation=(
            f"The job ran out of memory with {batch} rows at once. It now takes {smaller} at once and adds "
            f"up {changed[accumulation_name]} such batches for each update: still {batch * accumulation} "
            "rows per update, so the learning rate keeps its meaning; it only takes a little longer."
        ),
        evidence=found[1] if found else f"the job ended as {failure.state.value}",
        config=changed,
    )
