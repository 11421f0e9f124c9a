"""What a newcomer meets: the README's commands as a new user without root, timed, into docs/transcript.md.

    sudo python scripts/newcomer.py [TARGET …]     targets of make, or `extras`; default: demo extras test

Makes a user with an empty home folder, clones the committed state there, runs each target, deletes the user.
`extras` is for those who do without make: an environment of their own and `pip install` with extras.
Needs root, git, make and Python; bubblewrap must be installed, since the newcomer may not install it.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "transcript.md"
KEPT_LINES = 45
EXTRAS = """python3 -m venv ~/environment
~/environment/bin/pip install --quiet --constraint constraints.txt '.[local,track]'
cd ~ && environment/bin/ml-intern doctor"""
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def as_user(user: str, folder: Path, *command: str) -> tuple[int, str, float]:
    """Run a command as the user; its exit code, what it printed, and its seconds."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    environment |= {"PATH": os.defpath, "HOME": f"/home/{user}", "LANG": "C.UTF-8", "COLUMNS": "80"}
    began = time.monotonic()
    done = subprocess.run(
        ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *command],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return done.returncode, COLOURS.sub("", done.stdout), time.monotonic() - began


def transcript(user: str, targets: list[str]) -> str:
    """The page; the user's folder is called ~ in it."""
    home = Path("/home") / user
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    clone = home / "ml-intern"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    subprocess.run(["chown", "-R", f"{user}:{user}", str(home)], check=True)
    parts = [
        "# A newcomer's transcript\n",
        "Written by `scripts/newcomer.py`: a new user without root, an empty home, a fresh clone of "
        f"{commit.stdout.strip()}. Seconds include all installation.\n",
    ]
    for target in targets:
        command = ["sh", "-ec", EXTRAS] if target == "extras" else ["make", target]
        code, printed, seconds = as_user(user, clone, *command)
        told = printed.replace(str(home), "~").splitlines()
        lines = [line for line in told if not line.startswith("WARNING: Location ")]  # the machine's registry
        left_out = len(lines) - KEPT_LINES
        shown = lines if left_out <= 0 else [f"[{left_out} lines left out]", *lines[-KEPT_LINES:]]
        title = "`pip install` with extras" if target == "extras" else f"`make {target}`"
        parts.append(f"## {title}: exit code {code} after {seconds:.0f} s\n")
        if target == "extras":
            parts.append(f"```sh\n{EXTRAS}\n```\n")
        parts.append("\n".join(["```", *shown, "```\n"]))
    left = sorted({path.name for path in home.iterdir()} - {"ml-intern", "environment"})
    parts.append(f"Left in the home folder beside the clone: {', '.join(left) or 'nothing'}.")
    return "\n".join(parts) + "\n"


def main(targets: list[str]) -> None:
    """Make the user, write the page, delete the user."""
    user = f"newcomer-{secrets.token_hex(2)}"
    own = Path.home() / ".config" / "pip" / "pip.conf"  # which registry pip asks is the machine's affair
    if own.exists():
        shared = Path(tempfile.mkdtemp()) / "pip.conf"
        shutil.copy(own, shared)
        shared.parent.chmod(0o755)
        shared.chmod(0o644)
        os.environ["PIP_CONFIG_FILE"] = str(shared)
    subprocess.run(["useradd", "--create-home", "--skel", "/var/empty", user], check=True)
    try:
        PAGE.write_text(transcript(user, targets))
    finally:
        subprocess.run(["userdel", "--force", "--remove", user], check=False, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main(sys.argv[1:] or ["demo", "extras", "test"])
