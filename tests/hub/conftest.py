"""An embedded Hub that answers on loopback, shared by the tests of a module."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ml_intern.hub.access import HubAccess
from ml_intern.hub.server.app import open_hub_folder
from ml_intern.hub.server.context import Hub
from ml_intern.hub.server.serve import served


@dataclass(frozen=True)
class Running:
    """A Hub with its address; tokens as they are asked for."""

    hub: Hub
    url: str

    def access(self, user: str = "acme", role: str = "write") -> HubAccess:
        return HubAccess(self.url, self.hub.catalogue.new_token(user, role), embedded=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    hub = open_hub_folder(tmp_path_factory.mktemp("hub"))
    with served(hub) as url:
        yield Running(hub, url)
    hub.catalogue.close()
