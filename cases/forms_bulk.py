"""What an act over many cases asks for once: the fields of its move, fitted to many cases."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.choices import BulkAct
from cases.forms import MoveForm
from cases.services.bulk_acts import Act, Given


class BulkForm(MoveForm):
    """The form of an act over many cases; `at` bounds its dates."""

    def __init__(self, act: Act, data: Any = None, *, at: datetime) -> None:
        if act.move is None:
            forms.Form.__init__(self, data)
        else:
            super().__init__(act.move, data, at=at)
        self.keyed(f"bulk-{act.key}")
        self.act = act
        if act.takes_lines:
            self.fields["query"] = forms.CharField(required=False, widget=forms.HiddenInput)
            label = _("加上报人联系方式")
            self.fields["contacts"] = forms.BooleanField(required=False, label=label)
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
            query=typed.get("query", ""),
            contacts=typed.get("contacts") or None,
        )
