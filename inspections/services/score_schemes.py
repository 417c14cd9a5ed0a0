"""Schemes of scores: which version holds for a period, a new one from a day on, a further scheme
for another group of objects."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock, texts
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from grids.choices import AreaLevel, TeamKind
from grids.models import Area, Team
from grids.services.rights import require
from inspections.choices import ScoreGroup
from inspections.models import ScoreScheme, ScoreSchemeVersion
from inspections.score_figures import names_of
from inspections.score_periods import period_of
from inspections.scoring import SchemeError, read_scheme

MAX_REASON = 200
MAX_NAME = 30
MOST_SCHEMES = 30
Objects = list[tuple[str, list[tuple[str, str]]]]


def objects_of(group: str) -> Objects:
    """Whom a scheme of a group may be narrowed to, as (heading, [(code, name)])."""
    if group == ScoreGroup.AREA:
        streets = Area.objects.filter(level=AreaLevel.STREET).order_by("code")
        rows = [(f"area:{code}", name) for code, name in streets.values_list("code", "name")]
        return [(str(_("街道")), rows)]
    teams = Team.objects.filter(parent__isnull=False, is_active=True).order_by("code")
    known = list(teams.values_list("code", "name", "kind"))
    used = {kind for _code, _name, kind in known}
    kinds = [(f"kind:{kind}", str(name)) for kind, name in TeamKind.choices if kind in used]
    units = [(f"team:{code}", name) for code, name, _kind in known]
    return [(str(_("单位类型")), kinds), (str(_("单位")), units)]


def objects_words(group: str, objects: Sequence[str]) -> str:
    """Who is scored, in words; empty where it is everybody."""
    if not objects:
        return ""
    names = {code: name for _heading, rows in objects_of(group) for code, name in rows}
    return "、".join(names.get(each, each.partition(":")[2]) for each in objects)


def version_for(scheme_id: int, first_day: date) -> ScoreSchemeVersion:
    """The version that holds for a period; raises DomainError where there is none yet."""
    rows = ScoreSchemeVersion.objects.filter(scheme=scheme_id, first_day__lte=first_day)
    found = rows.select_related("scheme").order_by("-first_day", "-number").first()
    if found is None:
        raise DomainError("no_scheme", _("这一期还没有考核方案，请先在方案里加从这期起的一版。"))
    return found


def add_version(
    *,
    scheme_id: int,
    actor: User,
    at: datetime,
    seen: int,
    first_day: date,
    body: dict[str, Any],
    note: str = "",
) -> ScoreSchemeVersion:
    """A new version of a scheme, for periods that begin on `first_day` or later. `seen` is the
    number of the newest version that the person saw.

    Raises ScoreScheme.DoesNotExist, Forbidden, Conflict, or DomainError with the field that is
    wrong.
    """
    require(actor, Capability.SCORE_EDIT)
    scheme = ScoreScheme.objects.get(pk=scheme_id)
    _check_version(scheme, first_day, body, note)
    try:
        with transaction.atomic():
            newest = scheme.versions.order_by("-number").values_list("number", flat=True).first()
            if newest != seen:
                raise Conflict(_("别人刚存了新的一版，请刷新后再改。"))
            return ScoreSchemeVersion.objects.create(
                scheme=scheme,
                number=seen + 1,
                first_day=first_day,
                body=body,
                note=texts.clean_text(note),
                made_by=actor,
                made_at=at,
            )
    except IntegrityError as error:
        raise Conflict(_("别人刚存了新的一版，请刷新后再改。")) from error


def add_scheme(*, like: int, name: str, actor: User, at: datetime) -> ScoreScheme:
    """A further scheme for objects of the same kind, which begins with what another one holds now:
    from this month on. Who is scored by it is then set in a version of its own.

    Raises ScoreScheme.DoesNotExist, Forbidden, or DomainError for a name that cannot be and where
    there are MOST_SCHEMES.
    """
    require(actor, Capability.SCORE_EDIT)
    old = ScoreScheme.objects.get(pk=like)
    name = texts.clean_text(name)
    if not 0 < len(name) <= MAX_NAME:
        words = _("名称写 1 到 %(most)s 个字。") % {"most": MAX_NAME}
        raise DomainError("name", words, field="name")
    newest = old.versions.order_by("-number")[0]
    try:
        with transaction.atomic():
            known = ScoreScheme.objects.select_for_update(no_key=True).order_by("pk")
            positions = list(known.values_list("position", flat=True))
            if len(positions) >= MOST_SCHEMES:
                words = _("最多立 %(most)s 个方案，请改已有的方案。") % {"most": MOST_SCHEMES}
                raise DomainError("most", words)
            scheme = ScoreScheme.objects.create(
                name=name, group=old.group, periods=old.periods, position=max(positions) + 1
            )
            ScoreSchemeVersion.objects.create(
                scheme=scheme,
                number=1,
                first_day=period_of("month", at.astimezone(clock.LOCAL).date())[0],
                body=newest.body,
                note=_("照“%(name)s”第 %(number)s 版")
                % {"name": old.name, "number": newest.number},
                made_by=actor,
                made_at=at,
            )
    except IntegrityError as error:
        words = _("已有叫“%(name)s”的方案，请换一个名称。") % {"name": name}
        raise DomainError("name", words, field="name") from error
    return scheme


def _check_version(scheme: ScoreScheme, first_day: date, body: dict[str, Any], note: str) -> None:
    if first_day.day != 1:
        raise DomainError("first_day", _("从一个月的 1 号起。"), field="first_day")
    if len(note) > MAX_REASON:
        words = _("说明最多 %(most)s 字。") % {"most": MAX_REASON}
        raise DomainError("note", words, field="note")
    try:
        objects = read_scheme(body, names_of(scheme.group)).objects
    except SchemeError as error:
        raise DomainError("scheme", error.words, field=error.field) from error
    known = {code for _heading, rows in objects_of(scheme.group) for code, _name in rows}
    if not known.issuperset(objects):
        raise DomainError("objects", _("考核对象请从页面上选。"), field="objects")
