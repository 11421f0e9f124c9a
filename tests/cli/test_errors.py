"""What a user sees of an error that nobody thought of."""

import json

import pytest
import typer

from ml_intern.cli.options import reporting_errors


@pytest.mark.parametrize("as_json", [True, False])
def test_an_unexpected_error_is_one_line_and_not_a_traceback(as_json, capsys, monkeypatch):
    monkeypatch.delenv("ML_INTERN_DEBUG", raising=False)
    with pytest.raises(typer.Exit) as ended, reporting_errors(as_json):
        raise ZeroDivisionError("division by zero")
    assert ended.value.exit_code == 1
    shown = capsys.readouterr()
    assert "ZeroDivisionError: division by zero" in shown.err
    assert "Traceback" not in shown.err
    if as_json:
        assert json.loads(shown.out)["exit_code"] == 1


def test_it_can_be_traced_on_request(monkeypatch):
    monkeypatch.setenv("ML_INTERN_DEBUG", "1")
    with pytest.raises(ZeroDivisionError), reporting_errors(False):
        raise ZeroDivisionError


def test_an_ordinary_end_passes():
    with pytest.raises(typer.Exit) as ended, reporting_errors(False):
        raise typer.Exit(3)
    assert ended.value.exit_code == 3
