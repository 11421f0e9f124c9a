"""Runs the examples of a model's card as a job: the script, Python, and HTTP with curl.

    python examples.py TEXT [--pipeline]     in the folder of the model, beside predict.py and serve.py

Writes outputs/examples.json: what each of them printed. --pipeline also asks a pipeline of transformers. What
a changed predict.py or model does not go along with is left out; predict.py itself has to print something.
"""

import json
import shutil
import subprocess
import sys
import threading
import urllib.request
from http.server import HTTPServer
from pathlib import Path

from serve import Handler, classify, printed  # type: ignore[import-not-found]  # lies beside it in the job


def over_http(text: str) -> tuple[str, str]:
    """What the server answers, and who asked: curl, or Python on a machine without it.

    The server takes any free port, since another program may have the usual one.
    """
    body = json.dumps({"text": text}, ensure_ascii=False)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            if shutil.which("curl"):
                command = ["curl", "-s", "--fail", "--noproxy", "*", url, "-d", body]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                return done.stdout.strip(), "curl"
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(url, data=body.encode(), timeout=120) as answered:
                return answered.read().decode().strip(), "Python"
        finally:
            server.shutdown()


def of_pipeline(text: str) -> str:
    """The label that a pipeline gives; empty where it cannot read a model that a changed script saved."""
    import transformers

    try:
        asked = transformers.pipeline("text-classification", ".")
    except (OSError, ValueError):
        return ""
    return repr(asked(text)[0]["label"])


def main(text: str, pipeline: bool) -> None:
    """Ask in every way."""
    said = {"output": printed(text).strip()}
    try:
        said["label"] = repr(classify(text)["label"])
        said["served"], said["client"] = over_http(text)
    except (ValueError, LookupError, TypeError, OSError, subprocess.SubprocessError) as error:
        print(f"left out: {error}", file=sys.stderr)
    if pipeline and (label := of_pipeline(text)):
        said["pipeline"] = label
    Path("outputs").mkdir(exist_ok=True)
    Path("outputs/examples.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], "--pipeline" in sys.argv[2:])
