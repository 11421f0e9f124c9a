"""Where the data lies that a command names: a path, or a dataset of the Hub, which is downloaded."""

from collections.abc import Callable
from pathlib import Path

from ml_intern.app.home import DATASETS, default_home
from ml_intern.data.load import resolve
from ml_intern.hub.access import open_hub
from ml_intern.tools.hub_data import HubShelf, is_on_hub, named_data


def data_location(data: str, ask: Callable[[str, tuple[str, ...]], str | None]) -> Path:
    """The file or folder; a dataset of the Hub is kept in our home, each commit once.

    Raises:
        UsageProblem: there is no such data, or it cannot be used.
        HubRefused: it may not be read.
        NoRoom: it does not fit on the disk.
    """
    if not is_on_hub(data):
        return resolve(data)
    home = default_home().expanduser().resolve()
    shelf = HubShelf(lambda: open_hub(home), home / DATASETS)
    source, _ = named_data(data, "unknown", shelf, ask, "")
    return Path(source.location)
