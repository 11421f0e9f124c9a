"""What goes to a brain goes to its own server alone: no proxy sees it, no other server gets its key."""

import asyncio

import pytest
from pydantic_ai import Agent
from pydantic_ai.models import Model, override_allow_model_requests
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.openai import OpenAIChatModel

from ml_intern.brains.llm import KEY, open_brain
from ml_intern.brains.names import parse
from ml_intern.records.errors import UsageProblem
from tests.brains.server import serving

HERE, ALSO_HERE = "http://127.0.0.1:8080/v1#a", "http://localhost:8081/v1#b"
PAID, ALSO_PAID = "https://paid.invalid/v1#c", "https://dear.invalid/v1#d"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("provider", ["", "ollama"])
def test_what_goes_to_a_brain_on_this_machine_passes_no_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, provider: str
) -> None:
    for each in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(each, raising=False)
    with serving(lambda asked: "Hello.") as server, serving(lambda asked: "I am between you.") as proxy:
        monkeypatch.setenv(variable, proxy.url)
        monkeypatch.setenv("OLLAMA_BASE_URL", f"{server.url}/v1")
        model = open_brain(parse(f"{provider}:scripted" if provider else server.brain))
        with override_allow_model_requests(True):
            said = asyncio.run(Agent(model).run("a row of the data")).output
        assert (said, len(server.asked), len(proxy.asked)) == ("Hello.", 1, 0)


def keyed(brains: str) -> list[bool]:
    """For each brain, whether it gets the key."""
    model = open_brain(parse(brains))
    models: list[Model] = list(model.models) if isinstance(model, FallbackModel) else [model]
    return [isinstance(each, OpenAIChatModel) and each.client.api_key == "the-key" for each in models]


@pytest.mark.parametrize(
    ("brains", "expected"),
    [
        ((HERE,), [True]),
        ((PAID,), [True]),
        ((HERE, HERE.replace("#a", "#z")), [True, True]),
        ((PAID, HERE), [True, False]),
        ((HERE, PAID, ALSO_HERE), [False, True, False]),
        ((HERE, ALSO_HERE), [False, False]),
    ],
)
def test_the_key_goes_to_one_server(
    monkeypatch: pytest.MonkeyPatch, brains: tuple[str, ...], expected: list[bool]
) -> None:
    monkeypatch.setenv(KEY, "the-key")
    assert keyed(",".join(brains)) == expected


def test_two_servers_elsewhere_are_refused_while_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "the-key")
    with pytest.raises(
        UsageProblem, match=r"several are named: https://paid\.invalid, https://dear\.invalid"
    ):
        open_brain(parse(f"{PAID},{ALSO_PAID}"))
    monkeypatch.delenv(KEY)
    assert keyed(f"{PAID},{ALSO_PAID}") == [False, False]
