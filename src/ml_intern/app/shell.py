"""The user's side, as the use cases see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ml_intern.ports.approver import Approver, Asker
from ml_intern.records.runs import Event

if TYPE_CHECKING:  # a second to import, which commands that only look need not pay
    from pydantic_ai.models import Model

    from ml_intern.workflow.run import Run


@dataclass(frozen=True)
class Shell:
    """Who hears of events, who can be asked, and with which brain to work; None is the playbook.

    `streams`: it is shown what a brain says word by word. `stop_it` decides, once the user has interrupted
    us, whether the job of this purpose is stopped, too.
    """

    listen: Callable[[Event], None]
    ask: Asker
    approve: Approver
    interactive: bool = False
    streams: bool = False
    stop_it: Callable[[str], bool] = lambda purpose: True
    brain: "Callable[[Run], Model] | None" = None
