"""What lies on the desks of the demonstration city besides: jobs over many cases, an old ledger
of which three rows want mending, a view that a team hears of each morning."""

from datetime import datetime

from cases.choices import OPEN_CASE_STATES, BulkAct, CaseState
from cases.models import Case
from cases.services.bulk import begin_job
from cases.services.bulk_acts import Given
from cases.services.bulk_work import do_next, take_job
from cases.services.ledger_books import Options
from cases.services.ledgers import Told, map_ledger, upload_ledger
from cases.services.saved_views import save_view
from citymgmt.models import User
from grids.models import Membership
from inspections.services.view_subscriptions import Wish, subscribe

URGED, ENDED, TAKEN = 21, 3, 40
NOTE = "周五迎检，今明两天要有进展。"
VIEW = "今天先办的超时件"
LEDGER = "2024年市容台帐.csv"
LINES = """编号,检查日期,地点,存在问题,问题类别,责任单位,整改时间,整改情况
2024-017,2024.5.6,古城街道紫阳街118号,水果店占道经营,店外经营,古城中队,2024.5.8,已清理
2024-018,2024.5.32,古城街道赤城路2号,门口堆了垃圾,暴露垃圾,古城中队,2024.5.9,已清理
2024-019,2024.6.1,崇和路96号,店外经营，货占了半条路,外星人,古城中队,2024.6.2,已清理
2024-020,2024.6.3,,路面有坑,道路破损,古城中队,2024.6.8,已修补
2024-021,2024.6.5,巾山路31号,摆摊卖烧烤,店外经营,古城中队,2024.6.6,已劝离
"""


def lay_on_desks(*, supervisor: User, dispatcher: User, leader: User, until: datetime) -> None:
    """Urge what is open with some that are not any more, take a list out, send an old ledger, keep
    a view for the leader's team and subscribe to it."""
    rows = Case.objects.order_by("-last_event_at", "-pk").values_list("pk", "version")
    open_ones = list(rows.filter(state__in=OPEN_CASE_STATES)[:URGED])
    ended = list(rows.filter(state=CaseState.CLOSED)[:ENDED])
    _done(BulkAct.URGE, supervisor, [*open_ones, *ended], Given(note=NOTE), until)
    columns = Given(query="cols=number,title,cell,team,state,clock,filed")
    _done(BulkAct.EXPORT, dispatcher, list(rows[:TAKEN]), columns, until)
    # A comma within a cell is the wide one: LINES needs no quotes.
    data = LINES.encode("utf-8-sig")
    ledger = upload_ledger(actor=supervisor, at=until, name=LEDGER, data=data)
    told = Told(ledger.columns, {}, Options(dispatch=False))
    map_ledger(ledger_id=ledger.pk, actor=supervisor, at=until, version=ledger.version, told=told)
    team = Membership.objects.in_force(until).filter(user=leader).earliest("pk").team_id
    view = save_view(actor=leader, at=until, name=VIEW, query="tab=overdue", team_id=team)
    subscribe(view_id=view.pk, actor=leader, at=until, version=0, wish=Wish())


def _done(act: str, actor: User, cases: list[tuple[int, int]], given: Given, at: datetime) -> None:
    job = begin_job(act=act, actor=actor, at=at, cases=cases, given=given)
    left = take_job(job_id=job.pk, at=at)
    while left:
        left = do_next(job_id=job.pk, at=at)
