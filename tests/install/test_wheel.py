"""The built wheel, installed as a user does it: it is complete, works, and leaves nothing behind."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import files, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT


def call(*command: str | Path, **options) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, stdin=subprocess.DEVNULL, **options
    )
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done


def needed(name: str) -> set[str]:
    """The distributions that an installation of `name` without extras brings, by what each declares."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for line in requires(waiting.pop()) or ():
            requirement = Requirement(line)
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and requirement.name.lower() not in found:
                found.add(requirement.name.lower())
                waiting.append(requirement.name)
    return found


def copy_distribution(name: str, site: Path) -> None:
    for file in files(name) or ():
        source, target = Path(str(file.locate())), site / file
        if ".." not in file.parts and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)  # with its time, or what is compiled would be compiled again


PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    call(*PIP, "wheel", "--no-deps", "--wheel-dir", place, ROOT)
    (wheel,) = place.glob("ml_intern-*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The folder of programs of an environment that holds the wheel and what it declares to need, no more."""
    place = tmp_path_factory.mktemp("install")
    call(sys.executable, "-m", "venv", "--without-pip", place / "env")
    env = place / "env" / "bin"
    site = next((place / "env" / "lib").glob("python*/site-packages"))
    for name in sorted(needed("ml-intern")):
        copy_distribution(name, site)
    call(*PIP, "--python", env / "python", "install", "--no-deps", wheel)
    shown = call(env / "python", "-c", "import ml_intern; print(ml_intern.__file__)").stdout
    assert shown.startswith(str(site)), "the wheel is what is imported, not the checkout"
    return env


def all_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_the_wheel_holds_every_file_of_the_package(wheel):
    source = ROOT / "src"
    ours = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if ".dist-info/" not in name}
    assert held == {name for name in ours if "__pycache__" not in name}
    assert {Path(name).suffix for name in held} >= {".py", ".json", ".j2"}


@pytest.mark.long
def test_the_demo_runs_from_the_wheel_and_nothing_outside_the_state_folder_remains(installed, tmp_path):
    user, tmp = tmp_path / "user", tmp_path / "tmp"
    user.mkdir()
    tmp.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(user), "TMPDIR": str(tmp), "LANG": "C.UTF-8"}
    asked = call(installed / "ml-intern", "doctor", env=environment, cwd=user).stdout
    assert "pip install 'ml-intern[local]'" in asked
    done = call(installed / "ml-intern", "demo", env=environment, cwd=user)
    assert "Packaged" in done.stderr
    state = user / ".local" / "share" / "ml-intern"
    assert (state / "state.db").exists()
    left = {name for name in all_below(user) if not name.startswith(".local/share/ml-intern/")}
    assert left == {".local", ".local/share", ".local/share/ml-intern"}
    assert all_below(tmp) == set()
    call(
        sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", installed / "python",
        "uninstall", "--yes", "ml-intern",
    )  # fmt: skip
    site = next((installed.parent / "lib").glob("python*/site-packages"))
    assert not list(site.glob("ml_intern*"))
    assert not (installed / "ml-intern").exists()
