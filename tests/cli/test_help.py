import subprocess
import sys
import time

HEAVY = ("torch", "transformers", "datasets", "sklearn", "pydantic_ai", "sqlalchemy", "fastapi", "polars")
BARE = (
    "import typer\n"
    "app = typer.Typer()\n"
    "@app.command()\ndef one(name: str): ...\n"
    "@app.command()\ndef two(name: str): ...\n"
    "app(['--help'])"
)
OURS = "import sys; sys.argv = ['ml-intern', '--help']; from ml_intern.cli.main import main; main()"


def test_help_loads_no_heavy_library():
    code = OURS.replace("main()", "\ntry:\n main()\nexcept SystemExit:\n print([m for m in sys.modules])")
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "resume" in shown
    loaded = shown.splitlines()[-1]
    assert [name for name in HEAVY if f"'{name}'" in loaded] == []


def test_importing_the_package_loads_no_heavy_library():
    code = "import ml_intern, sys; print([m for m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [name for name in (*HEAVY, "pydantic", "typer") if f"'{name}'" in loaded] == []


def seconds(code: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return time.perf_counter() - begin


def test_help_takes_at_most_one_and_a_half_times_bare_typer():
    pairs = [(seconds(OURS), seconds(BARE)) for _ in range(7)]
    ours, bare = (min(column) for column in zip(*pairs, strict=True))
    assert ours <= 1.5 * bare, f"{ours:.3f} s against {bare:.3f} s"
