"""What an act over many cases asks for once: the fields of its move, fitted to many cases."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.choices import BulkAct
from cases.forms import MoveForm
from cases.services.bulk_acts import Act, Given


class BulkForm(MoveForm):
    """The form of an act over many cases; `at` bounds its dates."""

    def __init__(self, act: Act, data: Any = None, *, at: datetime) -> None:
        super().__init__(act.move, data, at=at)
        self.keyed(f"bulk-{act.key}")
        self.act = act
        if act.key == BulkAct.DISPATCH:
            self._dispatch_by_grid()

    def _dispatch_by_grid(self) -> None:
        """Many cases lie in many cells: whoever answers there is the first choice."""
        del self.fields["assisting"]
        team = self.fields["team"]
        team.required = False
        team.help_text = _("按网格责任派，就是每件派给那里此刻负责的单位和人。")

    def given(self) -> Given:
        """What was typed; after `is_valid`."""
        typed = self.cleaned_data
        return Given(
            team=typed.get("team"),
            person=typed.get("person"),
            instruction=typed.get("instruction", ""),
            note=typed.get("note", ""),
            label=typed.get("label"),
        )
