"""Words that every document has: head, number, dates, rates, comparisons, foot."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citymgmt import clock
from inspections.choices import DigestKind, DigestState
from inspections.models import Digest
from inspections.papers.shapes import Change, Json, Line

_TICK = timedelta(microseconds=1)
FIGURES = (
    ("reported", gettext_lazy("上报"), False),
    ("filed", gettext_lazy("立案"), False),
    ("dispatched", gettext_lazy("派出整改单"), False),
    ("submitted", gettext_lazy("提交整改"), False),
    ("closed", gettext_lazy("结案"), False),
    ("closed_on_time", gettext_lazy("按期结案"), False),
    ("rework", gettext_lazy("返工"), True),
    ("open", gettext_lazy("在办"), False),
    ("overdue", gettext_lazy("已超时"), True),
    ("lookbacks_done", gettext_lazy("回头看"), False),
    ("rebounds", gettext_lazy("反弹"), True),
)


def issue_text(digest: Digest) -> str:
    """第 3 期（总第 118 期）, or 待签发 while it has no number."""
    if digest.state != DigestState.SIGNED:
        return _("待签发")
    return _("第 %(issue)s 期（总第 %(total)s 期）") % {
        "issue": digest.issue,
        "total": digest.total_issue,
    }


def title_of(digest: Digest) -> str:
    """What the document is about: the day, the week, the month, the quarter."""
    scope = f"{digest.team.name} " if digest.team else ""
    if digest.kind == DigestKind.CAMPAIGN:
        words = _("%(name)s工作总结") % digest.figures["report"]
        return _("%(title)s（更正）") % {"title": words} if digest.corrects_id else words
    forms = {
        DigestKind.WEEKLY: _("%(scope)s%(span)s督查情况通报"),
        DigestKind.MONTHLY: _("%(scope)s%(span)s考核情况通报"),
        DigestKind.QUARTERLY: _("%(scope)s%(span)s暗访点评"),
        DigestKind.YEARLY: _("%(scope)s%(span)s度考核评价"),
    }
    form = forms.get(DigestKind(digest.kind), _("%(scope)s%(span)s督查情况"))
    words = form % {"scope": scope, "span": span_words(digest)}
    return _("%(title)s（更正）") % {"title": words} if digest.corrects_id else words


def span_words(digest: Digest) -> str:
    """The stretch of a document in words: a day of a campaign or a date, a week, a year."""
    first, last = local(digest.since), local(digest.until)
    campaign = digest.figures.get("campaign")
    if digest.kind == DigestKind.DAILY:
        if campaign:
            return _("%(name)s第 %(day)s 天") % campaign
        return last.strftime(_("%-m 月 %-d 日"))
    # An end at midnight is the day before, as people say it.
    inside = local(digest.until - _TICK)
    if digest.kind == DigestKind.MONTHLY and first.day == 1:
        return inside.strftime(_("%Y 年 %-m 月"))
    if digest.kind == DigestKind.QUARTERLY and first.day == 1:
        quarter = (first.month - 1) // 3 + 1
        return _("%(year)s 年第 %(quarter)s 季度") % {"year": first.year, "quarter": quarter}
    if digest.kind == DigestKind.YEARLY:
        year = _("%(year)s 年") % {"year": first.year}
        # From another day than the first on it is said from when to when.
        return year if first.day == 1 else first.strftime(_("%Y 年 %-m 月 %-d 日起一年"))
    return first.strftime(_("%-m 月 %-d 日")) + _("至 ") + inside.strftime(_("%-m 月 %-d 日"))


def organ_of(digest: Digest) -> str:
    """Who issues it."""
    return digest.team.name if digest.team else settings.BUREAU_NAME


def changes_of(digest: Digest) -> list[Change]:
    """Each total beside those of the period before and of the same a year ago; of a campaign,
    which has nothing before it, none."""
    if "previous" not in digest.figures:
        return []
    now, before = digest.figures["totals"], digest.figures["previous"]
    # Digests of before have no word of the year before.
    year = digest.figures.get("year_before")
    return [
        Change(
            label=str(label),
            now=now[name],
            before=before.get(name, 0),
            worse=bad_when_more and now[name] > before.get(name, 0),
            year_before=year.get(name, 0) if year else None,
            name=name,
        )
        for name, label, bad_when_more in FIGURES
    ]


def compared(digest: Digest, names: Sequence[str] = ("filed", "closed", "rebounds")) -> str:
    """One sentence: some totals against the period before and the same of last year."""
    told = {change.name: change for change in changes_of(digest)}
    before = _("上年") if digest.kind == DigestKind.YEARLY else _("上期")
    parts = []
    for name in names:
        one = told[name]
        words = _("%(label)s比%(before)s%(moved)s") % {
            "label": one.label,
            "before": before,
            "moved": moved(one.now, one.before),
        }
        if one.year_before is not None:
            words += _("、比去年同期%(moved)s") % {"moved": moved(one.now, one.year_before)}
        parts.append(words)
    return "；".join(parts) + "。"


def moved(now: object, before: object) -> str:
    """By how much a count moved."""
    change = int(now) - int(before)  # type: ignore[call-overload]
    if not change:
        return _("持平")
    return (
        _("增加 %(count)s") % {"count": change}
        if change > 0
        else _("减少 %(count)s") % {"count": -change}
    )


def rate(part: int, whole: int) -> str:
    """A rate with its numerator and denominator; nothing divided by nothing is a dash."""
    return f"{part / whole:.1%}（{part}/{whole}）" if whole else "—"


def demand_lines(digest: Digest) -> list[Line]:
    """What is to be done, one paragraph a line of the remarks."""
    lines = [line for line in digest.remarks.split("\n") if line]
    if not lines:
        lines = [_("无。") if digest.state == DigestState.SIGNED else _("签发前填写。")]
    return [Line(f"demands.{number}", text, text) for number, text in enumerate(lines)]


def copies_of(said: Json) -> list[tuple[str, str]]:
    """Who gets it, and what the database was sealed with."""
    teams = "、".join(line["name"] for line in said["teams"])
    copies = [
        (_("报："), _("局领导")),
        (_("送："), _("各街道办事处、相关责任单位")),
        (_("发："), teams or _("各中队")),
    ]
    # Digests that were composed before there were seals have none.
    seal = said.get("seal")
    if seal:
        words = _("第 %(number)s 号，截至 %(day)s，链头 %(count)s 个，校验值 %(hash)s") % seal
        copies.append((_("封存："), words))
    return copies


def corrected_words(digest: Digest) -> str:
    """Of a correction: which issue it corrects, and why."""
    old = digest.corrects
    if old is None:
        return ""
    return _("本期更正%(issue)s（%(day)s签发）：%(reason)s") % {
        "issue": issue_text(old),
        "day": day(old.signed_at) if old.signed_at else "",
        "reason": digest.reason,
    }


# --- Moments ----------------------------------------------------------------------------------


def local(moment: datetime) -> datetime:
    """A moment as people say it."""
    return moment.astimezone(clock.LOCAL)


def day(moment: datetime) -> str:
    """2026 年 11 月 20 日."""
    return local(moment).strftime(_("%Y 年 %-m 月 %-d 日"))


def hour(moment: datetime, *, with_year: bool = False) -> str:
    """11 月 20 日 18 时, or with its year."""
    form = _("%Y 年 %-m 月 %-d 日 %H 时") if with_year else _("%-m 月 %-d 日 %H 时")
    return local(moment).strftime(form)


def short(text: str) -> str:
    """11-20 18:00, of a frozen moment."""
    return local(datetime.fromisoformat(text)).strftime("%m-%d %H:%M")
