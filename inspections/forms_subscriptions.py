"""The form of a subscription: when and where a saved view is told."""

from django import forms
from django.utils.translation import gettext_lazy as _

from inspections.choices import WEEKDAYS
from inspections.services.view_subscriptions import Wish


class SubscriptionForm(forms.Form):
    """When one hears of a view, and who else does."""

    weekday = forms.TypedChoiceField(
        label=_("哪天"), choices=[(0, _("每天")), *WEEKDAYS.items()], coerce=int
    )
    hour = forms.TypedChoiceField(
        label=_("几点"), choices=[(hour, f"{hour}:00") for hour in range(24)], coerce=int
    )
    skips_rest = forms.BooleanField(label=_("休息日不发"), required=False)
    only_some = forms.BooleanField(label=_("没有案件就不发"), required=False)
    to_group = forms.BooleanField(
        label=_("也发到单位的群"),
        required=False,
        help_text=_("发到视图共享给的那个单位的群；件数按您看得到的算。"),
    )

    @property
    def wish(self) -> Wish:
        """What was asked for."""
        return Wish(**self.cleaned_data)
