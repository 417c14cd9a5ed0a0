"""Rows of an old ledger become reports and cases, thousands at once, each with its own chain.

A row keeps the moments of the ledger in its columns; its events say that it was entered now.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.choices import CaseState, Closing, OrderState, ReportState, Stage
from cases.deadlines import total
from cases.models import (
    Case,
    CaseEvent,
    CaseEventText,
    LedgerEntry,
    LedgerImport,
    Order,
    Report,
    StageClock,
)
from cases.search import grams
from cases.services._advance import linked
from cases.services._orders import case_clock, running
from cases.services._reckoning import check_known, limit_of
from cases.services._stages import clock_from, columns_of, times_of
from cases.services.dispatch import DISPATCH, issue_facts, leaders_of
from cases.services.ledger_rows import Draft
from cases.services.standing_rules import rules_on, ruling_for
from cases.standing_rules import Ruling
from citymgmt import clock
from citymgmt.copying import copy_rows
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.services.numbering import day_numbers
from citymgmt.zorder import morton
from grids.locate import locate
from grids.models import Team
from grids.responsible import responsible_path
from grids.services.team_channels import channels_of

IMPORTED_REPORT = "report.imported"
IMPORTED = "case.imported"
MARK = "T"
"""Behind the day in the numbers of what came from a ledger (台帐)."""
BATCH = 500

Said = tuple[CaseEvent, str, dict[str, Any]]


@dataclass(slots=True)
class _Made:
    """What a row becomes, not stored yet."""

    draft: Draft
    report: Report
    case: Case
    order: Order | None
    said: list[Said]


def write_drafts(
    *,
    source: LedgerImport,
    drafts: Sequence[Draft],
    actor: User,
    at: datetime,
    dispatch: bool,
    tell: Callable[[int], None],
) -> None:
    """Store the drafts in the running transaction; open ones with a team are dispatched to it
    with `dispatch`. `tell` hears how many are stored. Nothing is checked here.

    Raises IntegrityError where a row came in by another import meanwhile.
    """
    maker = _Maker(source, actor, at, dispatch)
    cases = day_numbers("case", at, count=len(drafts), mark=MARK)
    reports = day_numbers("report", at, count=len(drafts), mark=MARK)
    sent: Counter[int] = Counter()
    for first in range(0, len(drafts), BATCH):
        some = slice(first, first + BATCH)
        made = [
            maker.make(*each) for each in zip(drafts[some], reports[some], cases[some], strict=True)
        ]
        _store(made, source, at, maker.times)
        sent.update(each.order.team_id for each in made if each.order is not None)
        tell(first + len(made))
    _tell_teams(sent, source, at)


class _Maker:
    """Makes rows; what many have in common is worked out once."""

    def __init__(self, source: LedgerImport, actor: User, at: datetime, dispatch: bool) -> None:
        self._source = source
        self._actor = actor
        self._at = at
        self._dispatch = dispatch
        self._rules = rules_on(at.astimezone(clock.LOCAL).date())
        self._rulings: dict[tuple[int, str, int], Ruling] = {}
        self._clocks: dict[tuple[int, str, int, int | None], dict[str, Any]] = {}
        self.times = times_of(Stage.DISPATCH, at)

    def make(self, draft: Draft, report_number: str, case_number: str) -> _Made:
        """The report, the case and, where it is dispatched, the order of a row, with events."""
        here = locate(draft.lon, draft.lat, at=self._at)
        path = responsible_path(cell_id=here.cell_id, segment_id=here.segment_id, at=self._at)
        shared = {
            "channel": draft.channel,
            "category": draft.category,
            "text": draft.text,
            "address": draft.address,
            "lon": draft.lon,
            "lat": draft.lat,
            "cell_id": here.cell_id,
            "cell_generation_id": here.generation_id,
            "area_code": here.area_code or draft.area_code,
            "reporter": self._actor,
        }
        report = Report(
            **shared,
            number=report_number,
            key=uuid.uuid4(),
            state=ReportState.FILED,
            team_ids=path,
            created_at=draft.found,
        )
        case = Case(**shared, **self._columns(draft, case_number, path))
        report.case = case
        made = _Made(draft, report, case, None, [])
        self._say(made)
        if draft.team is not None and case.state == CaseState.RECTIFYING:
            self._order(made, draft.team)
        return made

    def _columns(self, draft: Draft, number: str, path: Sequence[int]) -> dict[str, Any]:
        """The columns of a case that its report has not."""
        placed = draft.lon is not None and draft.lat is not None
        standard, category = draft.standard, draft.category
        columns: dict[str, Any] = {
            "number": number,
            "state": self._state(draft),
            "standard": standard,
            "morton": morton(draft.lon, draft.lat) if placed else None,  # type: ignore[arg-type]
            "team_ids": sorted({*path, *(draft.team.path if draft.team else ())}),
            "lead_team": draft.team,
            "filed_by": self._actor,
            "limit_kind": standard.limit_kind,
            "limit_value": standard.limit_value,
            "filed_at": draft.found,
            "from_ledger": True,
            "search_grams": grams(
                draft.address, draft.text, draft.number, category.name, *category.synonyms
            ),
            "last_event": IMPORTED,
            "last_event_at": self._at,
        }
        if draft.closed is not None:
            # The list of the newest is not for what was over long ago.
            columns |= {
                "closed_at": draft.closed,
                "closing": Closing.LEDGER,
                "last_event_at": draft.closed,
            }
        elif columns["state"] == CaseState.TO_DISPATCH:
            columns |= columns_of(Stage.DISPATCH, self.times)
        return columns

    def _state(self, draft: Draft) -> CaseState:
        if draft.closed is not None:
            return CaseState.CLOSED
        sent = self._dispatch and draft.team is not None
        return CaseState.RECTIFYING if sent else CaseState.TO_DISPATCH

    def _say(self, made: _Made) -> None:
        """The first event of the report, and the first of the case, which takes up its chain."""
        draft, report, case = made.draft, made.report, made.case
        where = {"ledger": self._source.pk, "line": draft.line, "entry": draft.number}
        told = {"text": draft.text, "address": draft.address, "when": draft.said}
        facts = where | {
            "channel": draft.channel,
            "category": draft.category.pk,
            "found": _utc(draft.found),
            "point": None if draft.lon is None else [draft.lon, draft.lat],
            "cell_generation": report.cell_generation_id,
        }
        self._event(made, report, IMPORTED_REPORT, facts | {"case": case.number}, told)
        facts |= {
            "report": report.number,
            "report_head": report.head_hash,
            "standard": draft.standard.pk,
            "limit": [case.limit_kind, case.limit_value],
            "team": draft.team.pk if draft.team else None,
            "state": str(case.state),
            "closed": _utc(draft.closed) if draft.closed else None,
            "closed_assumed": draft.assumed,
            "reach": _from_the_top(report, draft),
        }
        self._event(made, case, IMPORTED, facts, told | {"note": draft.result})

    def _event(
        self,
        made: _Made,
        subject: Case | Report,
        name: str,
        facts: dict[str, Any],
        told: dict[str, Any],
    ) -> None:
        event, salt, body = linked(subject, name, self._actor, self._at, facts, told)
        event.case = subject if isinstance(subject, Case) else None
        event.report = subject if isinstance(subject, Report) else None
        made.said.append((event, salt, body))

    def _order(self, made: _Made, team: Team) -> None:
        """The order of an open row: its clock starts now, for now it is that the team hears."""
        case = made.case
        ruling = self._ruling(case, team)
        order = Order(
            number=f"{case.number}-1",
            case=case,
            position=1,
            state=OrderState.ISSUED,
            team=team,
            team_ids=team.path,
            area_code=case.area_code,
            limit_kind=case.limit_kind,
            limit_value=case.limit_value,
            issued_by=self._actor,
            issued_at=self._at,
            schedule_id=ruling.schedule_id,
            rule_label=ruling.label,
            unit=made.draft.category.unit,
        )
        for name, value in self._clock(order).items():
            setattr(order, name, value)
        check_known(order, self._at)
        self._event(made, case, DISPATCH.event, issue_facts(order, ruling), {})
        case.order_count = 1
        case.last_event = DISPATCH.event
        for name, value in case_clock([order]).items():
            setattr(case, name, value)
        made.order = order

    def _ruling(self, case: Case, team: Team) -> Ruling:
        key = (case.category_id, case.area_code, team.pk)
        if key not in self._rulings:
            self._rulings[key] = ruling_for(
                category=case.category,
                area_code=case.area_code,
                team=team,
                at=self._at,
                rules=self._rules,
            )
        return self._rulings[key]

    def _clock(self, order: Order) -> dict[str, Any]:
        limit = limit_of(order)
        key = (order.case.category_id, str(limit.kind), limit.value, order.schedule_id)
        if key not in self._clocks:
            self._clocks[key] = running(order, self._at, spent=timedelta(), granted=total(limit))
        return self._clocks[key]


def _from_the_top(report: Report, draft: Draft) -> list[int]:
    """The teams that see the case from the start, the bureau itself first."""
    team = draft.team.path if draft.team else []
    return list(dict.fromkeys([*report.team_ids, *team]))


def _store(made: Sequence[_Made], source: LedgerImport, at: datetime, times: Any) -> None:
    """Insert a batch: what others refer to first."""
    copy_rows(each.case for each in made)
    copy_rows(each.report for each in made)
    copy_rows(each.order for each in made if each.order is not None)
    said = [each for one in made for each in one.said]
    copy_rows(event for event, _salt, _body in said)
    copy_rows(
        CaseEventText(event=event, salt=salt, body=body) for event, salt, body in said if body
    )
    copy_rows(_waiting(made, at, times))
    copy_rows(
        LedgerEntry(
            key=each.draft.key,
            same=each.draft.same,
            number=each.draft.number,
            case=each.case,
            source=source,
            line=each.draft.line,
        )
        for each in made
    )


def _waiting(made: Sequence[_Made], at: datetime, times: Any) -> Iterator[StageClock]:
    for each in made:
        if each.case.state == CaseState.TO_DISPATCH:
            yield clock_from(each.case, at, times)


def _tell_teams(sent: Counter[int], source: LedgerImport, at: datetime) -> None:
    """Each team hears once how much came to it, however many rows there were."""
    for team in Team.objects.filter(pk__in=sent).order_by("pk"):
        notify(
            users=leaders_of(team, at),
            kind="order.issued",
            text=_("台帐补录，派给%(team)s %(count)s 件")
            % {"team": team.name, "count": sent[team.pk]},
            path="/board/",
            dedupe_key=f"ledger:{source.pk}:{team.pk}",
            at=at,
            channels=channels_of([team]),
        )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
