import os
import statistics
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


def seconds(code: str) -> tuple[float, float]:
    """Of one start: by the clock, and of the processor, which other programs hardly lengthen."""
    begin = time.perf_counter()
    to_nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    command = [sys.executable, "-c", code]
    child = os.posix_spawn(sys.executable, command, os.environ, file_actions=[to_nowhere])
    _, status, used = os.wait4(child, 0)
    assert status == 0
    return time.perf_counter() - begin, used.ru_utime + used.ru_stime


def test_help_takes_at_most_one_and_a_half_times_bare_typer():
    pairs = [(seconds(OURS), seconds(BARE)) for _ in range(7)]
    by_clock, of_processor = ([ours[which] / bare[which] for ours, bare in pairs] for which in range(2))
    assert statistics.median(of_processor) <= 1.5, of_processor
    assert min(by_clock) <= 1.5, by_clock  # and it waits for nothing
