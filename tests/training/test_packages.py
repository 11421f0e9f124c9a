"""Packages that a script asks for: wheels only, and only what is not there yet."""

import zipfile
from pathlib import Path

import pytest

from ml_intern.records.errors import InternError
from ml_intern.training.packages import install, normalised


def wheel(folder: Path, name: str, requires: str = "") -> None:
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "VALUE = 7\n")
        info = f"{name}-1.0.dist-info"
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path, monkeypatch):
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_wheel_and_what_it_needs_are_installed_apart(index, tmp_path):
    wheel(index, "sevenish", requires="helperish")
    wheel(index, "helperish", requires="numpy")
    found = install(["Sevenish"], tmp_path / "packages")
    assert sorted(found) == ["helperish==1.0", "sevenish==1.0"]  # numpy is there already
    assert (tmp_path / "packages" / "sevenish.py").exists()
    assert not (tmp_path / "packages" / "numpy").exists()


def test_a_source_archive_is_not_built(index, tmp_path):
    (index / "sourceish-1.0.tar.gz").write_bytes(b"")
    with pytest.raises(InternError, match="cannot be installed"):
        install(["sourceish"], tmp_path / "packages")
    assert not (tmp_path / "packages").exists()


@pytest.mark.parametrize("name", ["--index-url=http://evil", "a b", "../x", "x @ http://evil/x.whl"])
def test_a_name_that_is_none_reaches_no_installer(name, tmp_path):
    with pytest.raises(InternError):
        install([name], tmp_path / "packages")


def test_names_are_compared_as_indexes_do():
    assert normalised("Scikit_Learn") == "scikit-learn"
