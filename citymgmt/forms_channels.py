"""Forms of channels, and of what reaches oneself where."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import ChannelKind, ChannelMode, NoticeGroup
from citymgmt.models import Channel, NoticeReach, User
from citymgmt.services.channels import ChannelFacts
from citymgmt.services.reach import ReachFacts

_KINDS = {
    ChannelKind.MAIL: ("recipients",),
    ChannelKind.WEBHOOK: ("token", "secret"),
    ChannelKind.WECOM: ("token",),
}
_OF_KINDS = ("recipients", "token", "secret")
_ADDRESSES = {
    ChannelKind.DINGTALK: _("群设置 · 机器人里的 Webhook 地址，整个粘贴过来。"),
    ChannelKind.WECOM: _("群机器人的 Webhook 地址，整个粘贴过来。"),
    ChannelKind.FEISHU: _("群机器人的 Webhook 地址，整个粘贴过来。"),
    ChannelKind.WEBHOOK: _("收通知的网址；主机要先列在设置 OUTBOUND_HOSTS 里。"),
}
_SECRETS = {
    ChannelKind.DINGTALK: _("安全设置里“加签”的密钥（SEC 开头）；没开加签就空着。"),
    ChannelKind.FEISHU: _("安全设置里“签名校验”的密钥；没开就空着。"),
    ChannelKind.WEBHOOK: _("双方约定的密钥，请求按它签名。"),
}


class _HiddenWords(forms.PasswordInput):
    """A secret to be typed: never filled in from what is kept."""

    def __init__(self) -> None:
        super().__init__(render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"})


class ChannelForm(forms.Form):
    """What is known of a channel of a kind. Secrets are typed, never shown again."""

    name = forms.CharField(label=_("名称"), max_length=40, help_text=_("如：古城中队工作群"))
    mode = forms.ChoiceField(
        label=_("怎么发"),
        choices=ChannelMode.choices,
        help_text=_("没有互联网就选手工复制：攒好的话在本系统里复制，粘贴到群里。"),
    )
    recipients = forms.CharField(
        label=_("收件地址"),
        required=False,
        max_length=600,
        help_text=_("逗号隔开。空着就发到各人自己的邮箱。"),
    )
    token = forms.CharField(
        label=_("机器人地址"), required=False, max_length=1000, widget=_HiddenWords()
    )
    secret = forms.CharField(
        label=_("签名密钥"), required=False, max_length=200, widget=_HiddenWords()
    )
    heading = forms.CharField(
        label=_("抬头"),
        max_length=20,
        initial=_("督查整改"),
        help_text=_("每条消息的开头；机器人设了关键词的，把关键词写在这里。"),
    )
    groups = forms.MultipleChoiceField(
        label=_("发哪几类"),
        choices=NoticeGroup.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一类也不选就是都发。"),
    )
    merge_seconds = forms.IntegerField(
        label=_("攒几秒并成一条"),
        min_value=0,
        max_value=3600,
        initial=60,
        help_text=_("紧急的不等。"),
    )
    limit_messages = forms.IntegerField(
        label=_("最多几条"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=_("对方的限额，不知道就不改。"),
    )
    limit_seconds = forms.FloatField(
        label=_("在几秒里"), min_value=0.1, max_value=3600, required=False
    )

    def __init__(self, *args: Any, kind: str, kept: bool = False, **kwargs: Any) -> None:
        """`kept`: secrets are there already, and stay where nothing is typed."""
        super().__init__(*args, **kwargs)
        asked = _KINDS.get(ChannelKind(kind), ("token", "secret"))
        for name in set(_OF_KINDS) - set(asked):
            del self.fields[name]
        keeps = _("已经有了；空着就不改。")
        for name, hints in (("token", _ADDRESSES), ("secret", _SECRETS)):
            if name in self.fields:
                hint = hints.get(ChannelKind(kind), "")
                self.fields[name].help_text = keeps if kept else hint
        if kind == ChannelKind.WEBHOOK:
            self.fields["token"].label = _("网址")

    @classmethod
    def of(cls, channel: Channel) -> "ChannelForm":
        """The form as a channel stands."""
        names = ("name", "mode", "recipients", "heading", "groups", "merge_seconds")
        initial = {name: getattr(channel, name) for name in names}
        initial |= {
            "limit_messages": channel.limit_messages,
            "limit_seconds": channel.limit_seconds,
        }
        return cls(kind=channel.kind, kept=bool(channel.sealed), initial=initial)

    def told(self) -> ChannelFacts:
        """What a valid form says."""
        given = self.cleaned_data
        return ChannelFacts(
            name=given["name"],
            mode=given["mode"],
            heading=given["heading"],
            groups=given["groups"],
            recipients=given.get("recipients", ""),
            token=given.get("token", ""),
            secret=given.get("secret", ""),
            merge_seconds=given["merge_seconds"],
            limit_messages=given["limit_messages"],
            limit_seconds=given["limit_seconds"],
        )


def _time_field(label: Any, help_text: Any = "") -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, required=False, widget=widget, help_text=help_text)


class ReachForm(forms.Form):
    """What reaches oneself where."""

    email = forms.EmailField(label=_("邮箱"), required=False, max_length=200)
    mail = forms.MultipleChoiceField(choices=NoticeGroup.choices, required=False)
    mention = forms.MultipleChoiceField(choices=NoticeGroup.choices, required=False)
    quiet_from = _time_field(_("从"))
    quiet_until = _time_field(_("到"), _("可以跨过半夜，如 22:00 到 7:00。"))

    @classmethod
    def of(cls, user: User, reach: NoticeReach) -> "ReachForm":
        """The form as the person has set it."""
        names = ("mail", "mention", "quiet_from", "quiet_until")
        return cls(initial={"email": user.email} | {name: getattr(reach, name) for name in names})

    @property
    def rows(self) -> list[tuple[str, Any, bool, bool]]:
        """(group, its words, by mail, mentioned) of each group, as the form says."""
        mail, mention = self._chosen("mail"), self._chosen("mention")
        return [
            (value, label, value in mail, value in mention) for value, label in NoticeGroup.choices
        ]

    def _chosen(self, name: str) -> set[str]:
        value = self[name].value()
        return set(value or ())

    def told(self) -> ReachFacts:
        """What a valid form says."""
        return ReachFacts(**self.cleaned_data)
