"""The network: a job in the sandbox has none, so a script that needs it fails."""

import ast
import re
from collections.abc import Iterator

from ml_intern.training.static.scripts import Finding, Script, Surroundings, callee, literal

CLIENTS = (
    "aiohttp", "ftplib", "http.client", "httpx", "paramiko", "requests", "smtplib", "socket", "telnetlib",
    "urllib.request", "urllib3", "websocket", "websockets",
)  # fmt: skip
DOWNLOADS = frozenset({
    "datasets.load_dataset_builder", "evaluate.load", "nltk.download", "sklearn.datasets.fetch_20newsgroups",
    "sklearn.datasets.fetch_openml", "spacy.cli.download", "torch.hub.load",
    "torch.hub.load_state_dict_from_url",
})  # fmt: skip
HUB = re.compile(
    r"huggingface_hub\.(?:\w+_download|HfApi|HfFileSystem|InferenceClient|login|notebook_login|whoami|"
    r"(?:create|delete|upload|list|push)_\w+|upload_\w+|model_info|dataset_info)"
)
REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)?")
FILES = {"csv", "json", "parquet", "text", "arrow", "pandas", "imagefolder"}
"""What `datasets.load_dataset` reads from files."""
NONE = "a job has no network"


def network(script: Script, around: Surroundings) -> Iterator[Finding]:
    """Clients of the network, downloads, uploads, and models that are named as on the Hub."""
    for node in script.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(script, node, around)
    for call in script.calls():
        name, first = script.dotted(call.func), literal(call.args[0]) if call.args else ""
        if around.is_own(name):
            continue
        if name in DOWNLOADS or HUB.fullmatch(name) or _is_remote_data(name, first):
            yield script.finding(
                call, f"calls {name}, but {NONE}: read what lies in data/ and config['base_model']"
            )
        elif callee(call) == "push_to_hub":
            yield script.finding(
                call, f"uploads, but {NONE}: publishing is a step of its own, after approval"
            )
        elif callee(call) == "from_pretrained" and _is_repository(first, script):
            yield script.finding(
                call,
                f"would download {first!r}, but {NONE}: load config['base_model'], which is shown to the job",
            )


def _imports(script: Script, node: ast.Import | ast.ImportFrom, around: Surroundings) -> Iterator[Finding]:
    if isinstance(node, ast.Import):
        names = [each.name for each in node.names]
    else:
        names = [f"{node.module}.{each.name}" for each in node.names] if not node.level else []
    for name in names:
        client = next((each for each in CLIENTS if f"{name}.".startswith(f"{each}.")), "")
        if client and not around.is_own(name):
            yield script.finding(node, f"imports {client}, but {NONE}: take that part out")
            break


def _is_remote_data(name: str, first: str) -> bool:
    return name == "datasets.load_dataset" and first not in FILES and REPOSITORY.fullmatch(first) is not None


def _is_repository(first: str, script: Script) -> bool:
    """Whether a text names a model of the Hub, and not a folder that the script itself works with."""
    if not REPOSITORY.fullmatch(first) or first.startswith("."):
        return False
    start = first.partition("/")[0]
    texts = [literal(node) for node in script.nodes if isinstance(node, ast.Constant)]
    return sum(text.partition("/")[0] == start for text in texts) == 1
