"""What lists can be narrowed by; the page and the API use the same."""

import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.utils.translation import gettext_lazy as _

from cases.cell_ways import lying_in
from cases.choices import (
    CaseState,
    CategoryKind,
    CellWay,
    Channel,
    Closing,
    LimitKind,
    OrderState,
    ReportState,
    RequestState,
)
from cases.filters_rooms import RoomsFilter
from cases.models import Case, Category, Order, Report, Request, Watch
from cases.options import people_ever
from cases.querysets import CaseQuerySet, among, uncounted
from cases.scored import scored
from cases.search import folded, query_grams
from citymgmt import clock
from citymgmt.filters import (
    AreaFilter,
    AreasFilter,
    AskedFilterSet,
    CodeFilter,
    CodesFilter,
    DateFilter,
    DayFilter,
    IdFilter,
    IdsFilter,
    LeastFilter,
    ManyFilter,
    YesNoFilter,
    end_of,
)
from citymgmt.zorder import KeyRange, tile_range
from grids.access import access_of
from grids.models import Team

_TILE = re.compile(r"([0-9]{1,2})/([0-9]{1,10})/([0-9]{1,10})")
# The start of a case's number (T: of an old ledger); an order's number begins with its case's.
_NUMBER = re.compile(r"([0-9]{8}[Tt]?(?:-[0-9]{0,6})?)(?:-[0-9]{0,3})?")


_NAME = re.compile(r"[\u4e00-\u9fff·]{2,10}")


_MOST_OF_A_NAME = 20


def _named(name: str) -> list[int]:
    """Who is called exactly so; asks nothing. Beside a join no index would serve the words."""
    typed = name.strip()
    wanted = {typed, folded(typed)}
    return [int(each.value) for each in people_ever() if each.label in wanted][:_MOST_OF_A_NAME]


class SearchField(forms.CharField):
    """Text to search by: at least two characters of a word, or the start of a case number."""

    def validate(self, value: str) -> None:
        """Refuse what the index cannot answer."""
        super().validate(value)
        if value and not _NUMBER.fullmatch(value) and not query_grams(value):
            raise forms.ValidationError(_("至少输入两个连着的字，或案号的开头八位。"))


class SearchFilter(django_filters.CharFilter):
    """Cases whose text, address or class hold all bigrams, whose number starts so, or that
    somebody of exactly this name handles.
    """

    field_class = SearchField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=100, **kwargs)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        """Narrow by the bigram index or by the number."""
        if not value:
            return qs
        if number := _NUMBER.fullmatch(value):
            return qs.filter(number__startswith=number[1].upper())
        said = Q(search_grams__contains=query_grams(value))
        people = _named(value) if _NAME.fullmatch(value.strip()) else []
        return qs.filter(said | Q(lead_person_id__in=people) if people else said)


class TileFilter(django_filters.CharFilter):
    """Cases in a tile of the map, `z/x/y`: what one marker of the map stands for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=24, validators=[_known_tile], **kwargs)

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        """One range of Morton keys."""
        if not value:
            return qs
        low, high = _keys_of(value)
        return qs.filter(morton__gte=low, morton__lt=high)


def _keys_of(text: str) -> KeyRange:
    match = _TILE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return tile_range(*map(int, match.groups()))


def _known_tile(text: str) -> None:
    try:
        _keys_of(text)
    except ValueError as error:
        raise forms.ValidationError(_("地图上没有这一块，请回到地图重选。")) from error


def _reported_by(**origin: Any) -> Q:
    """The condition that a report of such an origin is the case's."""
    return among(Report.objects.filter(case__isnull=False, **origin).values("case"))


class CaseFilter(RoomsFilter):
    """Narrows cases. Dates are local days, both ends included; of several values any matches.

    `team` is the responsible team or any below it; `area` a division code; `due_within` hours
    from now that are still left; `overdue` whether the running clock has run out.
    """

    q = SearchFilter(label=_("搜索"))
    state = ManyFilter(label=_("状态"), choices=CaseState.choices)
    overdue = YesNoFilter(label=_("已超时"), method="by_overdue")
    due_within = django_filters.NumberFilter(
        label=_("几小时内到期"), method="by_due_within", min_value=Decimal("0.5"), max_value=720
    )
    rebound = YesNoFilter(label=_("反弹"), method="by_rebound")
    closing = ManyFilter(label=_("结案方式"), choices=Closing.choices)
    on_time = YesNoFilter(label=_("结案是否按期"), field_name="on_time")
    supervised = YesNoFilter(label=_("督办中"), method="by_supervised")
    supervised_due_from = DayFilter(label=_("督办期限自"), field_name="supervised_due_at")
    supervised_due_to = DayFilter(label=_("督办期限至"), field_name="supervised_due_at", until=True)
    instructed = YesNoFilter(label=_("有批示待答复"), method="by_instructed")
    asked = YesNoFilter(label=_("有申请待审批"), method="by_asked")
    extended = YesNoFilter(label=_("延过期"), method="by_extended")
    joined = YesNoFilter(label=_("并入别案"), method="by_joined")
    waived = YesNoFilter(label=_("不计超时"), field_name="overtime_waived")
    ledger = YesNoFilter(label=_("台帐补录"), field_name="from_ledger")
    ledger_import = IdFilter(label=_("哪次补录"), field_name="ledger_entry__source")
    watched = YesNoFilter(label=_("我关注的"), method="by_watched")
    suspended_from = DateFilter(label=_("挂账期限自"), field_name="suspended_until")
    suspended_to = DateFilter(label=_("挂账期限至"), field_name="suspended_until", until=True)
    category = IdsFilter(label=_("案由"), field_name="category_id")
    team = IdsFilter(label=_("责任单位"), method="by_team")
    team_alone = IdFilter(label=_("责任单位（不含下属）"), field_name="lead_team_id")
    person = IdsFilter(label=_("经办人"), field_name="lead_person_id")
    reporter = IdsFilter(label=_("上报人"), field_name="reporter_id")
    filed_by = IdsFilter(label=_("立案人"), field_name="filed_by_id")
    area = AreasFilter(label=_("街道社区"), field_name="area_code")
    cell = CodesFilter(label=_("网格"), field_name="cell__code")
    cell_now = CodesFilter(label=_("现行网格"), method="by_cell_now")
    channel = ManyFilter(label=_("来源"), choices=Channel.choices)
    limit = ManyFilter(label=_("时限种类"), choices=LimitKind.choices, field_name="limit_kind")
    label = IdsFilter(label=_("标签"), method="by_label")
    named = YesNoFilter(label=_("点了责任方"), method="by_named")
    shop = CodesFilter(label=_("责任店铺"), field_name="shop__code")
    party_of = CodeFilter(label=_("责任方同"), method="by_party_of")
    rebounds = LeastFilter(label=_("反弹至少"), field_name="rebound_count")
    reworks = LeastFilter(label=_("返工至少"), field_name="rework_count")
    extensions = LeastFilter(label=_("延期至少"), field_name="extension_count")
    urges = LeastFilter(label=_("催办至少"), field_name="urge_count")
    supervisions = LeastFilter(label=_("督办至少"), field_name="supervision_count")
    instructions = LeastFilter(label=_("批示至少"), field_name="instruction_count")
    comments = LeastFilter(label=_("留言至少"), field_name="comment_count")
    orders = LeastFilter(label=_("整改单至少"), field_name="order_count")
    photos = LeastFilter(label=_("照片至少"), field_name="photo_count")
    filed_from = DayFilter(label=_("立案自"), field_name="filed_at")
    filed_to = DayFilter(label=_("立案至"), field_name="filed_at", until=True)
    closed_from = DayFilter(label=_("结案自"), field_name="closed_at")
    closed_to = DayFilter(label=_("结案至"), field_name="closed_at", until=True)
    due_from = DayFilter(label=_("整改期限自"), field_name="due_at")
    due_to = DayFilter(label=_("整改期限至"), field_name="due_at", until=True)
    stage_due_from = DayFilter(label=_("派遣或核查期限自"), field_name="stage_due_at")
    stage_due_to = DayFilter(label=_("派遣或核查期限至"), field_name="stage_due_at", until=True)
    updated_from = DayFilter(label=_("更新自"), field_name="last_event_at")
    updated_to = DayFilter(label=_("更新至"), field_name="last_event_at", until=True)
    counted = YesNoFilter(label=_("计入统计"), method="by_counted")
    tile = TileFilter(label=_("地图上的一块"))
    outing = IdsFilter(label=_("抽查"), method="by_outing")
    problem_ledger = CodesFilter(label=_("问题台帐"), method="by_problem_ledger")
    spot_check = IdFilter(label=_("哪个抽查点位"), method="by_spot_check")
    accountability = CodeFilter(label=_("问责"), method="by_accountability")

    class Meta:
        model = Case
        fields: list[str] = []

    def by_overdue(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether the rectification clock has run out by now."""
        now = clock.now()
        if value:
            return qs.filter(due_at__lt=now)
        return qs.filter(Q(due_at__isnull=True) | Q(due_at__gte=now))

    def by_due_within(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """Cases that fall due from now to so many hours later."""
        now = clock.now()
        return qs.filter(due_at__gte=now, due_at__lte=now + timedelta(hours=float(value)))

    def by_rebound(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Cases that came back at least once, or never."""
        return qs.filter(rebound_count__gt=0) if value else qs.filter(rebound_count=0)

    def by_supervised(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether a supervision runs."""
        return qs.filter(supervised_due_at__isnull=not value)

    def by_instructed(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether an instruction waits for its answer."""
        return qs.filter(open_instructions__gt=0) if value else qs.filter(open_instructions=0)

    def by_asked(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether what a team asked for waits to be decided."""
        waiting = Request.objects.filter(case=OuterRef("pk"), state=RequestState.ASKED)
        return qs.filter(Exists(waiting) if value else ~Exists(waiting))

    def by_extended(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether an extension was approved."""
        return qs.filter(extension_count__gt=0) if value else qs.filter(extension_count=0)

    def by_joined(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Cases that were joined to another one, also once they are closed with it, or not."""
        return qs.filter(merged_into__isnull=not value)

    def by_watched(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether the person who asks watches it."""
        watches = Watch.objects.filter(user_id=self.request.user.pk)
        if value:
            return qs.filter(among(watches.values("case_id")))
        return qs.filter(~Exists(watches.filter(case=OuterRef("pk"))))

    def by_party_of(self, qs: QuerySet, name: str, value: str) -> QuerySet:
        """Cases that name the party of this case; by its number, so that no address holds a
        person's name. None where the case is out of reach or names nobody.
        """
        known = Case.objects.visible_to(access_of(self.request.user)).filter(number=value)
        party = known.values_list("party", flat=True).first()
        return qs.filter(party=party) if party else qs.none()

    def by_counted(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Cases that statistics count, or those that were void or joined to another."""
        return qs.exclude(uncounted()) if value else qs.filter(uncounted())

    def by_outing(self, qs: QuerySet, name: str, value: list[int]) -> QuerySet:
        """Cases made of what outings found; none of one that the person may not see yet."""
        seen = self._points().filter(outing__in=value)
        return qs.filter(_reported_by(spot_filing__answer__check_of__point__in=seen))

    def by_problem_ledger(self, qs: QuerySet, name: str, value: list[str]) -> QuerySet:
        """Cases by which the problems of ledgers are put right, by the ledgers' codes."""
        tied = Case.objects.filter(problem_links__item__clause__ledger__code__in=value)
        return qs.filter(among(tied.values("pk")))

    def by_accountability(self, qs: QuerySet, name: str, value: str) -> QuerySet:
        """Cases that an accountability rests on, by its number; none where the person may not
        see it."""
        grounds: Any = Case._meta.get_field("account_grounds").related_model
        accounts: Any = grounds._meta.get_field("accountability").related_model
        seen = accounts.objects.visible_to(access_of(self.request.user)).filter(number=value)
        tied = grounds.objects.filter(accountability__in=seen, case__isnull=False)
        return qs.filter(among(tied.values("case_id")))

    def by_spot_check(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """Cases made of what was found at one point of an outing; none where the person may not
        see it yet."""
        seen = self._points().filter(spot_check=int(value))
        return qs.filter(_reported_by(spot_filing__answer__check_of__point__in=seen))

    def _points(self) -> QuerySet:
        """The points of outings that the person may see; their models are named by relation."""
        model: Any = Report
        for name in ("spot_filing", "answer", "check_of", "point"):
            model = model._meta.get_field(name).related_model
        found: QuerySet = model.objects.visible_to(access_of(self.request.user), clock.now())
        return found

    def by_named(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Whether a shop or a party is held responsible."""
        somebody = Q(shop__isnull=False) | ~Q(party="")
        return qs.filter(somebody) if value else qs.filter(shop__isnull=True, party="")

    def by_cell_now(self, qs: CaseQuerySet, name: str, value: list[str]) -> CaseQuerySet:
        """Cases whose place lies in one of the cells as they are today."""
        return lying_in(qs, value, clock.now(), CellWay.NOW)

    def by_label(self, qs: QuerySet, name: str, value: list[int]) -> QuerySet:
        """Cases with any of the labels."""
        return qs.filter(label_ids__overlap=value)

    def by_team(self, qs: QuerySet, name: str, value: list[int]) -> QuerySet:
        """The responsible teams or one below."""
        return qs.filter(among(Team.objects.filter(path__overlap=value).values("pk"), "lead_team"))


FLAGS = tuple(
    name for name, item in CaseFilter.base_filters.items() if isinstance(item, YesNoFilter)
)
"""The filters of a case that are asked with yes or no."""


class ReportFilter(AskedFilterSet):
    """Narrows reports by state, channel, class, day and place."""

    state = ManyFilter(label=_("状态"), choices=ReportState.choices)
    channel = ManyFilter(label=_("来源"), choices=Channel.choices)
    category = IdFilter(label=_("案由"), field_name="category_id")
    area = AreaFilter(label=_("街道社区"), field_name="area_code")
    cell = CodeFilter(label=_("网格"), field_name="cell__code")
    created_from = DayFilter(label=_("上报自"), field_name="created_at")
    created_to = DayFilter(label=_("上报至"), field_name="created_at", until=True)
    created_until = django_filters.TimeFilter(label=_("末日到几点"), method="by_hour")
    handled_by = IdFilter(label=_("经手单位"), method="by_handler")
    scored = CodeFilter(label=_("考核所数"), method="by_scored")

    class Meta:
        model = Report
        fields: list[str] = []

    def by_scored(self, qs: QuerySet, name: str, value: str) -> QuerySet:
        """Reports that a figure of a score counted."""
        return qs.filter(scored(value, access_of(self.request.user)))

    def by_hour(self, qs: QuerySet, name: str, value: time) -> QuerySet:
        """On the last day to the end of that minute; without a last day it narrows nothing."""
        last = self.form.cleaned_data.get("created_to")
        return qs.filter(created_at__lt=end_of(last, value)) if last else qs

    def by_handler(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """Reports from where a team, or one below it, answers."""
        return qs.filter(team_ids__contains=[int(value)])


class OrderFilter(AskedFilterSet):
    """Narrows orders by state, clock, team (or any below it), person and day."""

    state = ManyFilter(label=_("状态"), choices=OrderState.choices)
    overdue = YesNoFilter(label=_("已超时"), method="by_overdue")
    team = IdFilter(label=_("责任单位"), method="by_team")
    person = IdFilter(label=_("经办人"), field_name="person_id")
    rebound = YesNoFilter(label=_("反弹单"), field_name="is_rebound")
    issued_from = DayFilter(label=_("派遣自"), field_name="issued_at")
    issued_to = DayFilter(label=_("派遣至"), field_name="issued_at", until=True)

    class Meta:
        model = Order
        fields: list[str] = []

    def by_overdue(self, qs: QuerySet, name: str, value: bool) -> QuerySet:
        """Open orders whose clock has run out by now, or all others."""
        late = Q(clock_started_at__isnull=False, due_at__lt=clock.now())
        return qs.filter(late if value else ~late)

    def by_team(self, qs: QuerySet, name: str, value: Decimal) -> QuerySet:
        """Orders of the team or of one below it."""
        return qs.filter(team_ids__contains=[int(value)])


class CategoryFilter(AskedFilterSet):
    """Narrows classes; `q` looks into code, name and what people say instead."""

    q = django_filters.CharFilter(label=_("名称、俗称或代码"), method="by_words", max_length=40)
    kind = django_filters.ChoiceFilter(label=_("类型"), choices=CategoryKind.choices)
    standard = CodeFilter(label=_("目录"))
    major_code = CodeFilter(label=_("大类代码"))

    class Meta:
        model = Category
        fields: list[str] = []

    def by_words(self, qs: QuerySet, name: str, value: str) -> QuerySet:
        """Classes whose code starts with it, or whose name or synonyms hold it."""
        said = Func(F("synonyms"), Value(" "), function="array_to_string", output_field=TextField())
        return qs.alias(said=said).filter(
            Q(code__startswith=value) | Q(name__icontains=value) | Q(said__icontains=value)
        )
