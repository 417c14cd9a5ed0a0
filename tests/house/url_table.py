"""Every address and how it is asked; `url_expectations.json` says what each person hears."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from cases import news
from citymgmt.models import User
from citymgmt.photo_urls import signed_url
from grids.access import access_of
from grids.exports import workbook_of
from grids.models import Membership
from grids.services.assignment_sheet import tables_at
from grids.services.staff import version_of
from grids.views.assignment_sheets import token_of
from inspections.choices import ScoreState
from inspections.facts.shapes import Scope
from inspections.forms_scores import rows_of
from inspections.live import ticket_for
from inspections.models import CheckPoint, DigestFigure, LedgerItem, ScoreScheme, ScoreSheet
from inspections.services.scores import close_sheet
from inspections.views.problem_ledgers import held_sheet
from inspections.word.kinds import KINDS
from tests import builders, ledgers, outings, places
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, NOW
from tests.grids import imports as grid_files
from tests.house import campaign_world
from tests.house.url_world import CARD_TOKEN, WALL_SECRET, Kwargs, World, key
from tests.inspections.scores import composed
from tests.uploading import uploaded

Query = Callable[[World, str], dict[str, Any]]


def nothing(*_asked: object) -> dict[str, Any]:
    """For addresses without arguments, and requests without a query or a body."""
    return {}


class Wrote:
    """Watches the statements of a connection: whether one of them was more than a question."""

    def __init__(self) -> None:
        self.anything = False

    def __call__(self, execute: Callable, sql: str, params: object, many: bool, context: object):
        """Called by Django around each statement."""
        if not ASKS.match(sql):
            self.anything = True
        return execute(sql, params, many, context)


# A SELECT FOR UPDATE leaves nothing behind; a WITH may write.
ASKS = re.compile(r"\s*\(?(SELECT|SAVEPOINT|RELEASE)\b")


@dataclass(frozen=True)
class Row:
    """An address, how it is asked, and the body; `variant` tells rows of one address apart."""

    name: str
    method: str = "GET"
    kwargs: Kwargs = nothing
    body: Kwargs = nothing
    query: Query = nothing
    variant: str = ""

    @property
    def label(self) -> str:
        """The address's name, and the move or variant where one address serves several."""
        made = self.variant or getattr(self.kwargs, "move_name", "")
        return f"{self.name} {made}".strip()

    @property
    def room(self) -> str:
        """The namespace of the address: its rows are asked in one world."""
        return self.name.rpartition(":")[0] or "citymgmt"

    def ask(self, world: World, person: str) -> int:
        """The status that the person gets; what the request changed is taken back.

        One that wrote nothing has nothing to be taken back, and what is kept in memory stays.
        """
        client = world.client(person)
        url = reverse(self.name, kwargs=self.kwargs(world))
        wrote = Wrote()
        with transaction.atomic(), connection.execute_wrapper(wrote):
            status = self._send(client, url, world, person)
            transaction.set_rollback(wrote.anything)
        return status

    def _send(self, client: Client, url: str, world: World, person: str) -> int:
        if self.method == "GET":
            return client.get(url, self.query(world, person)).status_code
        body = dict(self.body(world))
        who = world.city.people.get(person, world.city.officer)
        for name in ("photos", "after_photos"):
            if name in body:
                body[name] = [str(builders.photo(who, kind=body[name], seed=99).pk)]
        headers = {"Idempotency-Key": key()}
        if self.name in QUEUE:
            return self._send_from_queue(client, url, body, headers, who)
        if not self.name.startswith("api:"):
            body["idempotency_key"] = key()
        if "ask" in body or (self.name.startswith("api:") and "file" not in body):
            return client.post(
                url, body, content_type="application/json", headers=headers
            ).status_code
        return client.post(url, body, headers=headers).status_code

    def _send_from_queue(
        self, client: Client, url: str, body: dict[str, Any], headers: dict[str, str], who: User
    ) -> int:
        """As a phone sends: in JSON, saying whose queue it is, its photos gone up before."""
        if self.name == "inspections:phone_report_sent":
            body["photos"] = [uploaded(who, builders.jpeg(98))]
        elif self.name in (
            "inspections:phone_lookback_sent",
            "inspections:phone_order_sent",
            "inspections:phone_visit_sent",
        ):
            body["photos"] = []
        headers["X-Phone-User"] = str(who.pk)
        return client.post(url, body, content_type="application/json", headers=headers).status_code


QUEUE = frozenset(
    {
        "uploads",
        "inspections:phone_report_sent",
        "inspections:phone_lookback_sent",
        "inspections:phone_order_sent",
        "inspections:phone_patrol_sent",
        "inspections:phone_visit_sent",
    }
)


def _number(attribute: str) -> Kwargs:
    return lambda world: {"number": getattr(world, attribute).number}


def _saved_view(act: str) -> Kwargs:
    def kwargs(world: World) -> dict[str, Any]:
        return {"pk": world.saved_view.pk, "act": act}

    kwargs.move_name = act  # type: ignore[attr-defined]
    return kwargs


def _version(attribute: str, **more: Any) -> Kwargs:
    return lambda world: {"version": getattr(world, attribute).version, **more}


@dataclass(frozen=True)
class _Made:
    """Arguments of an address that serves several moves."""

    attribute: str
    move_name: str
    by: str = "number"

    def __call__(self, world: World) -> dict[str, Any]:
        value = getattr(getattr(world, self.attribute), self.by)
        return {self.by: value, "move_name": self.move_name}


def _order(attribute: str, move: str) -> Kwargs:
    return _Made(attribute, move)


def _standard(world: World) -> dict[str, Any]:
    return {"version": world.report.version, "standard": world.city.spill_standard.pk}


def _task(world: World) -> dict[str, Any]:
    return {"team": world.city.teams["gucheng"].pk, "person": world.city.officer.pk}


def _filed_task(world: World) -> dict[str, Any]:
    return _standard(world) | _task(world)


def _case_task(world: World) -> dict[str, Any]:
    return {"version": world.to_dispatch.version} | _task(world)


def _person(world: World) -> dict[str, Any]:
    return {"version": world.issued.version, "person": world.city.officer.pk}


def _pk(attribute: str) -> Kwargs:
    return lambda world: {"pk": getattr(world, attribute).pk}


def _new_channel(_world: World) -> dict[str, Any]:
    return {"name": "新群", "mode": "hand", "heading": "督查", "merge_seconds": 60}


def _last(world: World) -> int:
    row = world.hand_channel.notices.order_by("-id").first()
    return row.pk if row else 0


def _look(move: str) -> Kwargs:
    return _Made("lookback", move, "pk")


def _first_assignment(world: World) -> dict[str, Any]:
    return {"code": "古城-01", "assignment_id": world.assignment.pk}


def _charge(world: World) -> dict[str, Any]:
    city = world.city
    return {
        "version": world.cell.version,
        "duty": "enforcement",
        "shift": "all_day",
        "team": city.teams["dayang"].pk,
        "person": city.other_officer.pk,
        "since": "2026-11-21",
    }


def _drawn(world: World) -> dict[str, Any]:
    """The draft of the world, a cell split: what is told with each act on it."""
    return {"version": world.draft.version}


def _split(world: World) -> dict[str, Any]:
    lon, lat = IN_SECOND_CELL
    line = [[lon, lat - 0.01], [lon, lat + 0.01]]
    ask = {"kind": "split", "keys": [str(world.city.cells[1].pk)], "points": line}
    return {"version": world.draft.version, "ask": ask, "idempotency_key": key()}


def _handed(world: World) -> dict[str, Any]:
    days = {"since": "2026-11-23", "until": "2026-11-24"}
    return {"deputy": world.city.dispatcher.pk, "team": "", "reason": "出差", **days}


def _first_team(world: World) -> dict[str, Any]:
    return {"pk": world.city.teams["gucheng"].pk}


def _team_told(world: World) -> dict[str, Any]:
    bureau = world.city.teams["bureau"].pk
    told = {"name": "古城一中队", "kind": "squadron", "parent": bureau, "is_active": "on"}
    return told | {"version": 1}


def _team_made(world: World) -> dict[str, Any]:
    bureau = world.city.teams["bureau"].pk
    return {"code": "datian", "name": "大田中队", "kind": "squadron", "parent": bureau}


def _person_made(_world: World) -> dict[str, Any]:
    return {"username": "G009", "name": "赵新", "post": "member"}


def _officer(world: World) -> dict[str, Any]:
    return {"pk": world.city.officer.pk}


def _done_to(act: str) -> Kwargs:
    return lambda world: {"pk": world.city.officer.pk, "act": act}


def _renamed(world: World) -> dict[str, Any]:
    return {"name": "李建军", "version": version_of(world.city.officer)}


def _switched(world: World) -> dict[str, Any]:
    return {"active": "0", "version": version_of(world.city.officer)}


def _transferred(world: World) -> dict[str, Any]:
    row = Membership.objects.get(user=world.city.officer)
    team = world.city.teams["dayang"].pk
    return {"membership": row.pk, "team": team, "post": "member", "since": "2026-11-21"}


def _certified(_world: World) -> dict[str, Any]:
    return {"kind": "law", "number": "浙J0001", "valid_until": "2027-01-01"}


def _away(_world: World) -> dict[str, Any]:
    return {"kind": "annual", "first": "2026-11-21", "last": "2026-11-22"}


def _back(world: World) -> dict[str, Any]:
    return {"leave": world.leave.pk}


def _covered(world: World) -> dict[str, Any]:
    return {"leave": world.leave.pk, "substitute": world.city.leader.pk}


def _upload_row(world: World) -> dict[str, Any]:
    return {"upload": world.upload.pk}


def _on_shift(world: World) -> dict[str, Any]:
    box = f"{world.city.officer.pk}:2026-11-23"
    return {"week": "2026-11-23", "box": box, "seen": "", "shift": "early"}


def _hours(_world: World) -> dict[str, Any]:
    hours = {"early": "7:00–15:00", "middle": "15:00–21:00", "late": "21:00–7:00"}
    return {"since": "2026-11-21", "zero": "0:00–5:00", **hours}


def _range(world: World) -> dict[str, Any]:
    """The early shift of a cell for another team from the next day on."""
    cell = world.cell
    return {
        "places": f"c{cell.pk}.{cell.version}",
        "columns": "enforcement.early",
        "rule": "give",
        "who": world.city.teams["dayang"].pk,
        "since": "2026-11-21",
    }


def _act(world: World) -> dict[str, Any]:
    return {"act": world.act.pk}


def _sheet(world: World) -> dict[str, Any]:
    data = workbook_of(tables_at(NOW, access_of(world.city.viewer)))
    return {"file": SimpleUploadedFile("责任表.xlsx", data), "since": "2026-11-21"}


def _previewed(world: World) -> dict[str, Any]:
    return {"token": token_of([], over_plans=False)}


def _going(world: World) -> dict[str, Any]:
    held = {f"order-{world.issued.pk}": "team"}
    return {"person": world.city.officer.pk, "to": "", "since": "2026-11-21", **held}


def _end(world: World) -> dict[str, Any]:
    return {"version": world.cell.version}


def _sheet_template(**more: Any) -> Kwargs:
    return lambda world: {"kind": "order_sheet", **more}


def _template_day(_world: World) -> dict[str, Any]:
    return {"active_from": "2026-11-20", "version": 0}


def _template_sent(world: World) -> dict[str, Any]:
    file = SimpleUploadedFile("交办单.docx", KINDS["order_sheet"].content)
    return _template_day(world) | {"file": file}


def _picture(size: str) -> Kwargs:
    return lambda world: {"photo_id": world.photo.pk, "size": size}


def _signed(size: str) -> Query:
    """What the page of a person who may see this size would carry."""

    def query(world: World, person: str) -> dict[str, Any]:
        user = world.city.people.get(person, world.city.dispatcher)
        url = signed_url(world.photo.pk, size, user_id=user.pk, at=NOW)
        return dict(parse_qsl(urlsplit(url).query))

    return query


def _upload(_world: World) -> dict[str, Any]:
    file = SimpleUploadedFile("现场.jpg", builders.jpeg(97), "image/jpeg")
    return {"file": file, "kind": "near"}


def _ledger_file(_world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("台帐.xlsx", ledgers.sheet(ledgers.ROWS))}


def _mapping(world: World) -> dict[str, Any]:
    ledger = world.ledger
    columns = {f"col-{key}": place for key, place in ledger.columns.items()}
    return {"version": ledger.version, "default_channel": "self_check", **columns}


def _cells_file(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("网格.geojson", grid_files.city_file()), "system": ""}


def _meaning(world: World) -> dict[str, Any]:
    columns = {"col-code": "code", "col-name": "name", "col-area": "street_code"}
    return {"version": world.grid_import.version, "street": "", "system": "", **columns}


def _beginning(world: World) -> dict[str, Any]:
    return {"version": world.grid_import.version, "since": "2026-11-20"}


def _own_photo(world: World, *_asked: object) -> dict[str, str]:
    """A photo that the officer sent up."""
    return {"photo": str(world.photo.pk)}


def _day_of_cells(*_asked: object) -> dict[str, Any]:
    return {"kind": "geojson", "system": "wgs84", "day": "2026-11-20"}


def _point(*_asked: object) -> dict[str, Any]:
    return {"lon": IN_FIRST_CELL[0], "lat": IN_FIRST_CELL[1]}


def _told(world: World) -> dict[str, Any]:
    said = {"channel": "patrol", "text": "水果店占道", "address": "紫阳街 118 号"}
    return said | _point() | {"category": world.city.spill.pk, "photos": "near"}


def _told_in_the_form(world: World) -> dict[str, Any]:
    return _told(world) | {"act": "report"}


def _promised(_world: World) -> dict[str, Any]:
    return {"key": key(), "sha256": "ab" * 32, "size": 4000, "kind": "near"}


def _never_begun(_world: World) -> dict[str, Any]:
    return {"key": key()}


def _from_the_phone(world: World) -> dict[str, Any]:
    return _point() | {"category": world.city.spill.pk, "text": "水果店占道"}


def _order_received(world: World) -> dict[str, Any]:
    return {"act": "receive", "rework": 0, "person": world.issued.person_id}


def _walked(_world: World) -> dict[str, Any]:
    point = [0, NOW.timestamp() * 1000, *IN_FIRST_CELL, 8]
    moments = {"started_at": NOW.isoformat(), "phone_now": NOW.isoformat()}
    return moments | {"points": [point], "check_ins": []}


def _shop_looked_at(_world: World) -> dict[str, Any]:
    points = CheckPoint.objects.filter(is_active=True).values_list("pk", flat=True)
    return {"points": [{"point": pk, "ok": True} for pk in points], "result": "passed"}


def _looked(world: World) -> dict[str, Any]:
    return _version("lookback", result="unverified", note="关门")(world)


def _correction(world: World) -> dict[str, Any]:
    return _version("digest", reason="责任单位写错", recounts="no")(world)


def _figure(world: World) -> dict[str, Any]:
    """A figure of the digest that has a case behind it."""
    cases = {"cases": [world.issued.case_id]}
    DigestFigure.objects.get_or_create(digest=world.digest, name="shown", defaults=cases)
    return {"pk": world.digest.pk, "name": "shown"}


def _why(attribute: str) -> Kwargs:
    return _version(attribute, note="这样更好办")


def _resting(attribute: str) -> Kwargs:
    return _version(attribute, note="等拆迁", until="2026-12-01")


def _correcting(world: World) -> dict[str, Any]:
    return _why("rectifying")(world) | {"address": "紫阳街 120 号"}


def _supervising(world: World) -> dict[str, Any]:
    return _why("rectifying")(world) | {"until": "2026-11-22T18:00"}


def _into_case(world: World) -> dict[str, Any]:
    return {"version": world.report.version, "into": world.to_dispatch.number}


def _self_handled(world: World) -> dict[str, Any]:
    return _standard(world) | _SUBMIT


def _handled_on_page(world: World) -> dict[str, Any]:
    standard = world.city.spill_standard.pk
    done = {"handled_standard": standard, "quantity": "1", "after_photos": "after"}
    return {"version": world.report.version} | done


def _assisting(world: World) -> dict[str, Any]:
    return {"version": world.rectifying.version, "team": world.city.teams["huanwei"].pk}


def _joining(world: World) -> dict[str, Any]:
    return _why("rectifying")(world) | {"into": world.to_dispatch.number}


def _transferring(world: World) -> dict[str, Any]:
    return _why("received")(world) | {"team": world.city.teams["huanwei"].pk}


def _bulk(act: str) -> Kwargs:
    return lambda world: {"act": act}


def _bulk_file(world: World) -> dict[str, Any]:
    return {"pk": world.bulk_taken.pk, "kind": "csv"}


def _bulk_case(world: World) -> dict[str, Any]:
    case = world.rectifying
    return {"case": f"{case.pk}.{case.version}"}


def _bulk_assign(world: World) -> dict[str, Any]:
    return _bulk_case(world) | {"person": world.city.officer.pk}


def _code(attribute: str) -> Kwargs:
    return lambda world: {"code": getattr(world, attribute).code}


def _shops_of(_world: World) -> dict[str, Any]:
    return {"kind": "shops"}


def _new_shop(_world: World) -> dict[str, Any]:
    return {"name": "小林面馆", "address": "紫阳街 120 号"}


def _shop_sheet(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("店铺.xlsx", places.sheet("shops", _new_shop(world)))}


def _contacts_too(_world: World) -> dict[str, Any]:
    return {"contacts": "1"}


def _street(world: World) -> dict[str, Any]:
    return {"version": world.segment.version, "name": "紫阳街", "grade": "first"}


def _school(world: World) -> dict[str, Any]:
    return {"version": world.site.version, "name": "一小", "kind": "school"}


def _shop_again(world: World) -> dict[str, Any]:
    return {"version": world.shop.version} | _new_shop(world)


def _signed_pledge(world: World) -> dict[str, Any]:
    days = {"signed_on": "2026-11-01", "valid_until": "2027-10-31"}
    return _version("shop")(world) | {"kind": "three", "photos": "document"} | days


def _visit(_world: World) -> dict[str, Any]:
    points = {f"point-{point.pk}": "ok" for point in places.checklist()}
    return points | {"result": "passed"}


def _naming(world: World) -> dict[str, Any]:
    return {"version": world.rectifying.version, "shop": world.shop.code, "party": ""}


def _labelling(attribute: str) -> Kwargs:
    pick = {"label": "other_label", "labelled": "label"}[attribute]
    row = "rectifying" if attribute == "label" else attribute
    return lambda world: {"version": getattr(world, row).version, "label": getattr(world, pick).pk}


def _outing(attribute: str) -> Kwargs:
    return lambda world: {"number": getattr(world, attribute).number}


def _outing_point(attribute: str) -> Kwargs:
    outing = attribute.removesuffix("_point")
    return lambda world: _outing(outing)(world) | {"pk": getattr(world, attribute).pk}


def _outing_planned(world: World) -> dict[str, Any]:
    hours = {"starts_at": "2026-11-21T09:00", "ends_at": "2026-11-21T12:00"}
    who = {f"group-{world.city.supervisor.pk}": "1"}
    return {"title": "夜查", "kind": "random", "want-market": "1"} | hours | who


def _spot_found(_world: World) -> dict[str, Any]:
    version = outings.check_list()
    passed = {f"item-{item['item']}": "pass" for item in version.items}
    return {"list_version": version.pk} | passed


def _why_not(_world: World) -> dict[str, Any]:
    return {"reason": "市场在搬迁"}


def _fault(world: World) -> dict[str, Any]:
    answer = world.visited_point.spot_check.answers.get(verdict="fail")
    return {"answer": answer.pk}


def _account(state: str, move: str = "") -> Kwargs:
    def kwargs(world: World) -> dict[str, Any]:
        row = campaign_world.account(world.city, state)
        return {"number": row.number} | ({"move_name": move} if move else {})

    if move:
        kwargs.move_name = move  # type: ignore[attr-defined]
    return kwargs


def _decision(world: World) -> dict[str, Any]:
    return {"version": 1, "words": "按规定", "level": "talk", "reply_days": 3}


def _told_of(state: str) -> Kwargs:
    def body(world: World) -> dict[str, Any]:
        return {"version": campaign_world.account(world.city, state).version, "words": "按规定"}

    return body


def _accused(world: World) -> dict[str, Any]:
    return {"team": world.city.teams["gucheng"].pk, "level": "talk", "ground": "屡次超时"}


def _campaign(world: World) -> dict[str, Any]:
    return {"code": campaign_world.campaign(world.city).code}


def _campaign_plan(world: World) -> dict[str, Any]:
    days = {"starts_on": "2026-11-11", "ends_on": "2026-12-10"}
    return {"code": "xin", "name": "新的行动", "version": 1, **days}


def _campaign_task(world: World) -> dict[str, Any]:
    task = campaign_world.task(world.city)
    return {"code": task.campaign.code, "pk": task.pk}


def _task_plan(world: World) -> dict[str, Any]:
    who = {"leader": "leader", "person": "officer"}
    days = {"starts_on": "2026-11-11", "ends_on": "2026-11-20"}
    team = world.city.teams["gucheng"].pk
    return {"name": "另一项", "duty": "清零", "lead_team": team, "version": 1, **who, **days}


def _progress(world: World) -> dict[str, Any]:
    return {"progress": 50, "version": campaign_world.task(world.city).version}


def _campaign_goal(world: World) -> dict[str, Any]:
    return _campaign(world) | {"pk": campaign_world.goal(world.city).pk}


def _goal_plan(world: World) -> dict[str, Any]:
    return {"name": "宣传资料", "unit": "份", "position": 1}


def _goal_change(world: World) -> dict[str, Any]:
    return _goal_plan(world) | {"version": campaign_world.goal(world.city).version}


def _entry(world: World) -> dict[str, Any]:
    team = world.city.teams["gucheng"].pk
    goal = campaign_world.goal(world.city).pk
    return {"goal": goal, "team": team, "day": "2026-11-20", "quantity": "15"}


def _group(world: World) -> dict[str, Any]:
    return {"name": "第一行动组", "leader": "leader", "members": "officer"}


def _closed_campaign(world: World) -> dict[str, Any]:
    return {"code": campaign_world.report(world.city).campaign.code}


def _problem_ledger(world: World) -> dict[str, Any]:
    return {"code": campaign_world.ledger(world.city).code}


def _problem_sheet(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("台帐.xlsx", campaign_world.sheet())}


def _problem_token(world: World) -> dict[str, Any]:
    return {"token": held_sheet(campaign_world.sheet())}


def _problem_of(world: World, act: str) -> LedgerItem:
    if act == "take-back":
        return campaign_world.signed(world.city)
    return campaign_world.item(world.city)


def _ledger_item(act: str = "") -> Kwargs:
    def kwargs(world: World) -> dict[str, Any]:
        item = _problem_of(world, act)
        return _problem_ledger(world) | {"pk": item.pk} | ({"act": act} if act else {})

    if act:
        kwargs.move_name = act  # type: ignore[attr-defined]
    return kwargs


def _scores(*, closed: bool = False) -> ScoreSheet:
    """October's scores of the teams."""
    found = ScoreSheet.objects.filter(scheme__group="team").first() or composed(moment=NOW)
    if closed and found.state == ScoreState.DRAFT:
        actor = User.objects.get(username="supervisor")
        given = {"sheet_id": found.pk, "version": found.version, "actor": actor, "at": NOW}
        found = close_sheet(**given)
    return found


def _score_file(_world: World) -> dict[str, Any]:
    _scores()
    return {"suffix": "csv"}


def _score_line(_world: World) -> dict[str, Any]:
    return {"pk": _scores().lines.order_by("pk")[0].pk}


def _score_sheet(_world: World) -> dict[str, Any]:
    return {"pk": _scores().pk}


def _score_scheme(_world: World) -> dict[str, Any]:
    return {"pk": ScoreScheme.objects.get(group="team").pk}


def _score_version(_world: World) -> dict[str, Any]:
    body = ScoreScheme.objects.get(group="team").versions.get().body
    typed = {
        f"{kind}-{number}-{name}": value
        for kind, rows in rows_of(body).items()
        for number, row in enumerate(rows)
        for name, value in row.items()
    }
    rest = {"first_day": "2026-12-01", "sample": "应结数", "small": 5, "missing": "zero"}
    return typed | rest | {"version": 1}


def _score_act(act: str) -> Kwargs:
    def kwargs(_world: World) -> dict[str, Any]:
        return {"pk": _scores(closed=act == "correct").pk, "act": act}

    kwargs.move_name = act  # type: ignore[attr-defined]
    return kwargs


def _score_seen(_world: World) -> dict[str, Any]:
    return {"version": _scores().version, "reason": "一件误立"}


def _new_item(_world: World) -> dict[str, Any]:
    return {"code": "9", "title": "另一条", "text": "新看到的问题"}


def _changed_item(world: World) -> dict[str, Any]:
    item = _problem_of(world, "")
    return {"clause": item.clause_id, "text": "改过的话", "version": item.version}


def _ledger_act(act: str) -> Kwargs:
    def body(world: World) -> dict[str, Any]:
        row = _problem_of(world, act)
        case = row.links.get().case
        return {"version": row.version, "cases": case.number, "case": case.pk, "note": "看过"}

    return body


_SUBMIT = {"quantity": "1", "note": "好了", "photos": "after"}
_SEEN = {"note": "看过了", "photos": "recheck"}

_REWORK = _version("submitted", note="没清完")

# What a page and the API both offer: subject, of which row, which move, with what.
_MOVES: tuple[tuple[str, str, str, Kwargs], ...] = (
    ("case", "to_dispatch", "dispatch", _case_task),
    ("case", "rectifying", "assist", _assisting),
    ("case", "rectifying", "merge", _joining),
    ("case", "rectifying", "suspend", _resting("rectifying")),
    ("case", "suspended", "resume", _version("suspended")),
    ("case", "rectifying", "force-close", _why("rectifying")),
    ("case", "rectifying", "void", _why("rectifying")),
    ("case", "rectifying", "supervise", _supervising),
    ("case", "rectifying", "instruct", _why("rectifying")),
    ("case", "rectifying", "urge", _why("rectifying")),
    ("case", "rectifying", "name", _naming),
    ("case", "rectifying", "correct", _correcting),
    ("case", "rectifying", "comment", _why("rectifying")),
    ("case", "rectifying", "label", _labelling("label")),
    ("case", "labelled", "unlabel", _labelling("labelled")),
    ("order", "received", "ask-extension", _why("received")),
    ("order", "received", "ask-suspension", _resting("received")),
    ("order", "late", "appeal", _why("late")),
    ("order", "received", "transfer", _transferring),
    ("order", "received", "cancel", _why("received")),
    ("request", "request", "approve", _why("request")),
    ("request", "request", "refuse", _why("request")),
    ("request", "request", "withdraw", _why("request")),
    ("supervision", "supervision", "lift", _why("supervision")),
    ("instruction", "instruction", "answer", _why("instruction")),
)


def _made_both_ways() -> Iterator[Row]:
    for subject, attribute, move, body in _MOVES:
        yield Row(f"cases:{subject}_move", "POST", _order(attribute, move), body)
        yield Row(f"api:{subject}-{move}", "POST", _number(attribute), body)


ROWS: tuple[Row, ...] = (
    *_made_both_ways(),
    Row("login"),
    Row("logout", "POST"),
    Row("password_change"),
    Row("healthz"),
    Row("metrics"),
    Row("photo_upload", "POST", body=_upload),
    Row("photo", kwargs=_picture("thumb"), variant="unsigned"),
    Row("photo", kwargs=_picture("thumb"), query=_signed("thumb"), variant="signed"),
    Row("photo", kwargs=_picture("original"), query=_signed("thumb"), variant="signed for less"),
    Row("photo", kwargs=_picture("original"), query=_signed("original"), variant="original"),
    Row("notices"),
    Row("notice_reach"),
    Row("notice_reach", "POST", body=lambda world: {"email": "li@example.cn"}, variant="POST"),
    Row("channels"),
    Row("channel", kwargs=_pk("channel")),
    Row("channel_new", kwargs=lambda world: {"kind": "wecom"}),
    Row("channel_new", "POST", lambda world: {"kind": "wecom"}, _new_channel, variant="POST"),
    Row("channel_edit", kwargs=_pk("channel")),
    Row("channel_test", "POST", _pk("channel")),
    Row("channel_resend", "POST", _pk("channel"), lambda world: {"all": "1"}),
    Row("channel_copied", "POST", _pk("hand_channel"), lambda world: {"shown": _last(world)}),
    Row("setup"),
    Row("inside"),
    Row("styleguide"),
    Row("api:schema"),
    Row("api:docs"),
    Row("api:photo-list", "POST", body=_upload),
    Row("api:photo-detail", kwargs=lambda world: {"photo_id": world.photo.pk}),
    Row("api:cell-list"),
    Row("api:cell-locate", query=_point),
    Row("api:cell-detail", kwargs=lambda world: {"code": "古城-01"}),
    Row("api:team-list"),
    Row("api:team-detail", kwargs=lambda world: {"pk": world.city.teams["gucheng"].pk}),
    Row("api:assignment-list"),
    Row("api:assignments-at", query=lambda *_asked: {"place": "古城-01"}),
    Row("api:category-list"),
    Row("api:category-detail", kwargs=lambda world: {"pk": world.city.spill.pk}),
    Row("api:report-list"),
    Row("api:report-list", "POST", body=_told, variant="POST"),
    Row("api:report-detail", kwargs=_number("report")),
    Row("api:report-contact", kwargs=_number("report")),
    Row("api:case-list"),
    Row("api:case-detail", kwargs=_number("to_dispatch")),
    Row("api:order-list"),
    Row("api:order-detail", kwargs=_number("issued")),
    Row("api:report-file", "POST", _number("report"), _standard),
    Row("api:report-file-dispatch", "POST", _number("report"), _filed_task),
    Row("api:report-reject", "POST", _number("report"), _version("report", note="不归本局")),
    Row("api:report-similar", kwargs=_number("report")),
    Row("api:report-merge", "POST", _number("report"), _into_case),
    Row("api:report-self-handle", "POST", _number("report"), _self_handled),
    Row("api:order-assign", "POST", _number("issued"), _person),
    Row("api:order-unassign", "POST", _number("issued"), _version("issued")),
    Row("api:order-receive", "POST", _number("issued"), _version("issued")),
    Row("api:order-return", "POST", _number("issued"), _version("issued", note="不归我们")),
    Row("api:order-submit", "POST", _number("received"), _version("received", **_SUBMIT)),
    Row("api:order-pass", "POST", _number("submitted"), _version("submitted")),
    Row("api:order-rework", "POST", _number("submitted"), _version("submitted", note="没清完")),
    Row("api:lookback-list"),
    Row("api:lookback-detail", kwargs=_pk("lookback")),
    Row("api:lookback-held", "POST", _pk("lookback"), _version("lookback", **_SEEN)),
    Row("api:lookback-rebound", "POST", _pk("lookback"), _version("lookback", **_SEEN)),
    Row("api:lookback-false", "POST", _pk("lookback"), _version("lookback", **_SEEN)),
    Row("api:lookback-unverified", "POST", _pk("lookback"), _version("lookback", note="关门")),
    Row("api:digest-list"),
    Row("api:digest-detail", kwargs=_pk("digest")),
    Row("api:digest-docx", kwargs=_pk("digest")),
    Row("api:digest-sign", "POST", _pk("digest"), _version("digest", remarks="加派巡查")),
    Row("grids:map"),
    Row("grids:cells_geojson"),
    Row("grids:cell", kwargs=lambda world: {"code": "古城-01"}),
    Row("grids:cell_assign", "POST", lambda world: {"code": "古城-01"}, _charge),
    Row("grids:assignment_end", "POST", _first_assignment, _end),
    Row("grids:assignments"),
    Row("grids:assignments_preview", "POST", body=_range),
    Row("grids:assignments_apply", "POST", body=_range),
    Row("grids:assignments_undo", "POST", body=_act),
    Row("grids:assignments_sheet"),
    Row("grids:assignments_import"),
    Row("grids:assignments_import", "POST", body=_sheet, variant="POST"),
    Row("grids:assignments_import_apply", "POST", body=_previewed),
    Row("grids:health"),
    Row("grids:answered"),
    Row("grids:shapes"),
    Row("grids:cell_panel", kwargs=lambda world: {"key": str(world.city.cells[0].pk)}),
    Row("grids:draft_state"),
    Row("grids:draft_start", "POST"),
    Row("grids:draft_act", "POST", body=_split),
    Row("grids:draft_check", "POST", body=_split),
    Row("grids:draft_day", "POST", body=lambda w: _drawn(w) | {"starts_on": "2026-12-05"}),
    Row("grids:draft_publish", "POST", body=_drawn),
    Row("grids:draft_drop", "POST", body=_drawn),
    Row("grids:shift_feed"),
    Row("grids:shift_feed", "POST", variant="POST"),
    Row("grids:shift_feed_end", "POST"),
    Row("grids:shift_calendar", kwargs=lambda world: {"secret": "x" * 43}),
    Row("grids:deputies"),
    Row("grids:deputies", "POST", body=_handed, variant="POST"),
    Row("grids:deputy_end", "POST", _pk("deputy")),
    Row("grids:teams"),
    Row("grids:team_new"),
    Row("grids:team_new", "POST", body=_team_made, variant="POST"),
    Row("grids:team", kwargs=_first_team),
    Row("grids:team_edit", "POST", _first_team, _team_told),
    Row("grids:person_new", "POST", _first_team, _person_made),
    Row("grids:person", kwargs=_officer),
    Row("grids:person_act", "POST", _done_to("edit"), _renamed, variant="edit"),
    Row("grids:person_act", "POST", _done_to("switch"), _switched, variant="switch"),
    Row("grids:person_act", "POST", _done_to("transfer"), _transferred, variant="transfer"),
    Row("grids:person_act", "POST", _done_to("certify"), _certified, variant="certify"),
    Row("grids:person_act", "POST", _done_to("uncertify"), variant="uncertify"),
    Row("grids:person_act", "POST", _done_to("leave"), _away, variant="leave"),
    Row("grids:person_act", "POST", _done_to("cover"), _covered, variant="cover"),
    Row("grids:person_act", "POST", _done_to("end-leave"), _back, variant="end-leave"),
    Row("grids:export_teams"),
    Row("grids:export_people"),
    Row("grids:table", kwargs=lambda world: {"kind": "teams"}),
    Row("grids:table", "POST", lambda world: {"kind": "teams"}, _ledger_file, variant="POST"),
    Row("grids:table_import", "POST", lambda world: {"kind": "teams"}, _upload_row),
    Row("grids:table_drop", "POST", lambda world: {"kind": "teams"}),
    Row("grids:roster"),
    Row("grids:roster_set", "POST", _first_team, _on_shift),
    Row("grids:roster_copy", "POST", _first_team, lambda world: {"week": "2026-11-23"}),
    Row("grids:patrols"),
    Row("grids:patrol", kwargs=_pk("patrol")),
    Row("grids:shift_hours"),
    Row("grids:shift_hours", "POST", body=_hours, variant="POST"),
    Row("grids:cards"),
    Row("grids:cards_make", "POST", body=lambda world: {"cells": world.city.cells[1].pk}),
    Row("grids:cards_sheet", query=lambda world, who: {"cell": world.city.cells[0].pk}),
    Row("grids:card_renew", "POST", _pk("card")),
    Row("public:cell", kwargs=lambda world: {"token": CARD_TOKEN}),
    Row("public:cell", kwargs=lambda world: {"token": "no-such-card"}, variant="unknown"),
    Row("grids:places"),
    Row("grids:places_geojson", kwargs=_shops_of),
    Row("grids:place_new", kwargs=_shops_of),
    Row("grids:place_new", "POST", _shops_of, _new_shop, variant="POST"),
    Row("grids:place_import", kwargs=_shops_of),
    Row("grids:place_import", "POST", _shops_of, _shop_sheet, variant="POST"),
    Row("grids:place_template", kwargs=_shops_of),
    Row("grids:place_export", "POST", _shops_of),
    Row("grids:place_export", "POST", _shops_of, _contacts_too, variant="contacts"),
    Row("grids:segment", kwargs=_code("segment")),
    Row("grids:segment_edit", kwargs=_code("segment")),
    Row("grids:segment_edit", "POST", _code("segment"), _street, variant="POST"),
    Row("grids:site", kwargs=_code("site")),
    Row("grids:site_edit", kwargs=_code("site")),
    Row("grids:site_edit", "POST", _code("site"), _school, variant="POST"),
    Row("grids:site_end", "POST", _code("site"), _version("site")),
    Row("grids:shop_choices"),
    Row("grids:shop", kwargs=_code("shop")),
    Row("grids:shop_edit", kwargs=_code("shop")),
    Row("grids:shop_edit", "POST", _code("shop"), _shop_again, variant="POST"),
    Row("grids:shop_end", "POST", _code("shop"), _version("shop")),
    Row("grids:shop_contact", "POST", _code("shop")),
    Row("grids:shop_pledge", "POST", _code("shop"), _signed_pledge),
    Row("api:segment-list"),
    Row("api:segment-detail", kwargs=_code("segment")),
    Row("api:site-list"),
    Row("api:site-detail", kwargs=_code("site")),
    Row("api:shop-list"),
    Row("api:shop-detail", kwargs=_code("shop")),
    Row("cases:shop_cases", kwargs=_code("shop")),
    Row("inspections:shop_visits", kwargs=_code("shop")),
    Row("inspections:shop_visit_new", kwargs=_code("shop")),
    Row("inspections:shop_visit_new", "POST", _code("shop"), _visit, variant="POST"),
    Row("inspections:shop_slip", kwargs=lambda world: {"number": world.visit.slip_number}),
    Row("inspections:accountabilities"),
    Row("inspections:accountability_new"),
    Row("inspections:accountability_new", "POST", body=_accused, variant="POST"),
    Row("inspections:accountability", kwargs=_account("proposed"), variant="proposed"),
    Row("inspections:accountability", kwargs=_account("decided"), variant="decided"),
    Row("inspections:accountability_paper", kwargs=_account("decided")),
    Row("inspections:accountability_word", kwargs=_account("decided")),
    Row("inspections:accountability_move", "POST", _account("proposed", "decide"), _decision),
    Row("inspections:accountability_move", "POST", _account("proposed", "dismiss"), _decision),
    Row(
        "inspections:accountability_move",
        "POST",
        _account("decided", "reply"),
        _told_of("decided"),
    ),
    Row(
        "inspections:accountability_move",
        "POST",
        _account("decided", "appeal"),
        _told_of("decided"),
    ),
    Row(
        "inspections:accountability_move",
        "POST",
        _account("decided", "withdraw"),
        _told_of("decided"),
    ),
    Row(
        "inspections:accountability_move",
        "POST",
        _account("appealed", "uphold"),
        _told_of("appealed"),
    ),
    Row(
        "inspections:accountability_move",
        "POST",
        _account("appealed", "grant"),
        _told_of("appealed"),
    ),
    Row("inspections:campaigns"),
    Row("inspections:campaign_new"),
    Row("inspections:campaign_new", "POST", body=_campaign_plan, variant="POST"),
    Row("inspections:campaign", kwargs=_campaign),
    Row("inspections:campaign_edit", kwargs=_campaign),
    Row("inspections:campaign_edit", "POST", _campaign, _campaign_plan, variant="POST"),
    Row("inspections:campaign_morning", kwargs=_campaign),
    Row("inspections:campaign_task_new", kwargs=_campaign),
    Row("inspections:campaign_task_new", "POST", _campaign, _task_plan, variant="POST"),
    Row("inspections:campaign_task", kwargs=_campaign_task),
    Row("inspections:campaign_task", "POST", _campaign_task, _progress, variant="POST"),
    Row("inspections:campaign_task_edit", kwargs=_campaign_task),
    Row("inspections:campaign_task_edit", "POST", _campaign_task, _task_plan, variant="POST"),
    Row("inspections:campaign_goal_new", kwargs=_campaign),
    Row("inspections:campaign_goal_new", "POST", _campaign, _goal_plan, variant="POST"),
    Row("inspections:campaign_goal", kwargs=_campaign_goal),
    Row("inspections:campaign_goal", "POST", _campaign_goal, _goal_change, variant="POST"),
    Row("inspections:campaign_enter", kwargs=_campaign),
    Row("inspections:campaign_enter", "POST", _campaign, _entry, variant="POST"),
    Row("inspections:campaign_group", kwargs=_campaign),
    Row("inspections:campaign_group", "POST", _campaign, _group, variant="POST"),
    Row("inspections:campaign_close", kwargs=_campaign),
    Row("inspections:campaign_close", "POST", _campaign, lambda w: {"version": 1}, variant="POST"),
    Row("inspections:campaign_report", kwargs=_closed_campaign),
    Row("inspections:campaign_word", kwargs=_closed_campaign),
    Row("inspections:problem_ledgers"),
    Row("inspections:problem_ledger_new"),
    Row(
        "inspections:problem_ledger_new",
        "POST",
        body=lambda w: {"code": "xin", "name": "新台帐"},
        variant="POST",
    ),
    Row("inspections:problem_ledger", kwargs=_problem_ledger),
    Row("inspections:problem_ledger_example"),
    Row("inspections:problem_ledger_import", kwargs=_problem_ledger),
    Row(
        "inspections:problem_ledger_import",
        "POST",
        _problem_ledger,
        _problem_sheet,
        variant="POST",
    ),
    Row("inspections:problem_ledger_apply", "POST", _problem_ledger, _problem_token),
    Row("inspections:ledger_item", kwargs=_ledger_item()),
    Row("inspections:ledger_item_new", kwargs=_problem_ledger),
    Row("inspections:ledger_item_new", "POST", _problem_ledger, _new_item, variant="POST"),
    Row("inspections:ledger_item_edit", kwargs=_ledger_item()),
    Row("inspections:ledger_item_edit", "POST", _ledger_item(), _changed_item, variant="POST"),
    Row("inspections:ledger_item_act", "POST", _ledger_item("link"), _ledger_act("link")),
    Row("inspections:ledger_item_act", "POST", _ledger_item("unlink"), _ledger_act("unlink")),
    Row("inspections:ledger_item_act", "POST", _ledger_item("sign"), _ledger_act("sign")),
    Row("inspections:ledger_item_act", "POST", _ledger_item("take-back"), _ledger_act("take-back")),
    Row("cases:list"),
    Row("cases:choices", kwargs=lambda world: {"name": "cell"}),
    Row("cases:columns"),
    Row("cases:export", "POST", body=lambda world: {"format": "csv"}),
    Row("cases:view_tabs"),
    Row("cases:view_save", "POST", body=lambda world: {"name": "我的视图"}),
    Row("cases:view_act", "POST", _saved_view("rename"), _version("saved_view", name="新")),
    Row("cases:view_act", "POST", _saved_view("delete")),
    Row("cases:cell_counts"),
    Row("cases:cell_load"),
    Row("cases:hand_over"),
    Row("cases:hand_over", "POST", body=_going, variant="POST"),
    Row("cases:hand_over_sheet", kwargs=_pk("handed")),
    Row("cases:cell_recent", kwargs=lambda world: {"code": "古城-01"}),
    Row("cases:live", kwargs=lambda world: {"ticket": news.ticket()}),
    Row("cases:live", kwargs=lambda world: {"ticket": "forged"}, variant="forged"),
    Row("cases:news", query=lambda *_asked: {"since": NOW.isoformat(), "shown": "1.1"}),
    Row("cases:map"),
    Row("cases:map_fragment"),
    Row("cases:map_clusters", query=lambda *_asked: {"box": "121,28,122,29", "zoom": "12"}),
    Row("cases:map_cells"),
    Row("cases:map_cell", kwargs=lambda world: {"code": "古城-01"}),
    Row("cases:case_near", kwargs=_number("to_dispatch")),
    Row("cases:detail", kwargs=_number("to_dispatch")),
    Row("cases:case_mentions", kwargs=_number("to_dispatch")),
    Row("cases:case_standards", kwargs=_number("to_dispatch")),
    Row("cases:case_watch", "POST", _number("to_dispatch")),
    Row("cases:case_people", kwargs=_number("to_dispatch")),
    Row("cases:case_place", kwargs=lambda w: {"number": w.to_dispatch.number, "layer": "cell"}),
    Row("cases:order_move", "POST", _order("issued", "assign"), _person),
    Row("cases:order_move", "POST", _order("issued", "unassign"), _version("issued")),
    Row("cases:board_assign", "POST", _number("issued"), _person),
    Row("cases:order_move", "POST", _order("issued", "receive"), _version("issued")),
    Row("cases:order_move", "POST", _order("issued", "return"), _version("issued", note="不归")),
    Row("cases:order_move", "POST", _order("received", "submit"), _version("received", **_SUBMIT)),
    Row("cases:order_move", "POST", _order("submitted", "pass"), _version("submitted")),
    Row("cases:order_move", "POST", _order("submitted", "rework"), _REWORK),
    Row("cases:reports"),
    Row("cases:report_new"),
    Row("cases:report_new", "POST", body=_told_in_the_form, variant="POST"),
    Row("cases:report_similar", query=_point),
    Row("cases:class_hints"),
    Row("cases:handle_standards"),
    Row("cases:report_detail", kwargs=_number("report")),
    Row("cases:report_contact", "POST", _number("report")),
    Row("cases:report_move", "POST", _order("report", "file"), _standard),
    Row("cases:report_move", "POST", _order("report", "file-dispatch"), _filed_task),
    Row("cases:report_move", "POST", _order("report", "merge"), _into_case),
    Row("cases:report_move", "POST", _order("report", "self-handle"), _handled_on_page),
    Row("cases:report_move", "POST", _order("report", "reject"), _version("report", note="不归")),
    Row("cases:requests"),
    Row("cases:bulk_jobs"),
    Row("cases:bulk_people"),
    Row("cases:bulk_words", "POST", body=_bulk_case),
    Row("cases:bulk_ask", "POST", _bulk("urge"), _bulk_case, variant="urge"),
    Row("cases:bulk_ask", "POST", _bulk("assign"), _bulk_case, variant="assign"),
    Row("cases:bulk_begin", "POST", _bulk("urge"), _bulk_case, variant="urge"),
    Row("cases:bulk_begin", "POST", _bulk("assign"), _bulk_assign, variant="assign"),
    Row("cases:bulk_job", kwargs=_pk("bulk_job")),
    Row("cases:bulk_progress", kwargs=_pk("bulk_job")),
    Row("cases:bulk_file", kwargs=_bulk_file),
    Row("cases:bulk_stop", "POST", _pk("bulk_job")),
    Row("cases:bulk_again", "POST", _pk("bulk_stopped")),
    Row("grids:imports"),
    Row("grids:imports", "POST", body=_cells_file, variant="POST"),
    Row("grids:grid_import", kwargs=_pk("grid_import")),
    Row("grids:import_progress", kwargs=_pk("grid_import")),
    Row("grids:import_preview", kwargs=_pk("grid_import")),
    Row("grids:import_map", "POST", _pk("grid_import"), _meaning),
    Row("grids:import_start", "POST", _pk("grid_import"), _beginning),
    Row("grids:import_drop", "POST", _pk("grid_import"), _version("grid_import")),
    Row("grids:export", query=_day_of_cells),
    Row("cases:ledger_imports"),
    Row("cases:ledger_imports", "POST", body=_ledger_file, variant="POST"),
    Row("cases:ledger_import", kwargs=_pk("ledger")),
    Row("cases:ledger_progress", kwargs=_pk("ledger")),
    Row("cases:ledger_wrong_rows", kwargs=_pk("ledger")),
    Row("cases:ledger_map", "POST", _pk("ledger"), _mapping),
    Row("cases:ledger_head", "POST", _pk("ledger"), _version("ledger", head_line="1")),
    Row("cases:ledger_start", "POST", _pk("ledger"), _version("ledger")),
    Row("cases:ledger_drop", "POST", _pk("ledger"), _version("ledger")),
    Row("cases:triage"),
    Row("cases:board"),
    Row("cases:checks"),
    Row("uploads", "POST", body=_promised),
    Row("upload", kwargs=_never_begun),
    Row("inspections:phone_home"),
    Row("inspections:phone_report"),
    Row("inspections:phone_outbox"),
    Row("inspections:phone_me"),
    Row("inspections:phone_classes"),
    Row("inspections:phone_cells"),
    Row("inspections:phone_place", query=lambda world, person: _point()),
    Row("inspections:phone_report_sent", "POST", body=_from_the_phone),
    Row("inspections:phone_work"),
    Row("inspections:phone_order", kwargs=_pk("issued")),
    Row("inspections:phone_order_sent", "POST", _pk("issued"), _order_received),
    Row("inspections:phone_lookbacks"),
    Row("inspections:phone_hot_spots"),
    Row("inspections:phone_lookback", kwargs=_pk("lookback")),
    Row("inspections:phone_lookback_sent", "POST", _pk("lookback"), _looked),
    Row("inspections:phone_patrol"),
    Row("inspections:phone_patrol_sent", "POST", body=_walked),
    Row("inspections:phone_shops"),
    Row("inspections:phone_shop", kwargs=_code("shop")),
    Row("inspections:phone_visit_sent", "POST", _code("shop"), _shop_looked_at),
    Row("inspections:phone_hello"),
    Row("inspections:phone_sw"),
    Row("inspections:phone_manifest"),
    Row("inspections:home"),
    Row("inspections:cell_statistics"),
    Row("inspections:cell_statistics_file", kwargs=lambda world: {"suffix": "csv"}),
    Row("inspections:dashboard"),
    Row("inspections:dashboard_map"),
    Row("inspections:decisions"),
    Row("inspections:dashboard_rooms"),
    Row("inspections:dashboard_charts"),
    Row("inspections:chart_file", kwargs=lambda world: {"slug": "trend", "suffix": "csv"}),
    Row("inspections:wall_links"),
    Row("inspections:wall_links", "POST", body=lambda world: {"name": "大厅"}, variant="POST"),
    Row("inspections:wall_link_revoke", "POST", _pk("wall_link")),
    Row("inspections:live", kwargs=lambda world: {"ticket": ticket_for(Scope())}),
    Row("inspections:wall", kwargs=lambda world: {"token": WALL_SECRET}),
    Row("inspections:wall_version", kwargs=lambda world: {"token": WALL_SECRET}),
    Row("inspections:lookbacks"),
    Row("inspections:lookback", kwargs=_pk("lookback")),
    Row("inspections:lookback_same", kwargs=_pk("lookback"), query=_own_photo),
    Row("inspections:lookback_move", "POST", _look("held"), _version("lookback", **_SEEN)),
    Row("inspections:lookback_move", "POST", _look("rebound"), _version("lookback", **_SEEN)),
    Row("inspections:lookback_move", "POST", _look("false"), _version("lookback", **_SEEN)),
    Row("inspections:lookback_move", "POST", _look("unverified"), _version("lookback", note="关")),
    Row("inspections:hot_spots"),
    Row("inspections:hot_spot_layer"),
    Row("inspections:hot_spot", kwargs=_number("hot_spot")),
    Row("inspections:case_lookbacks", kwargs=_number("to_dispatch")),
    Row("inspections:order_sheet", kwargs=_number("issued")),
    Row("inspections:order_sheet_docx", kwargs=_number("issued")),
    Row("inspections:order_sheet_pdf", kwargs=_number("issued")),
    Row("inspections:outings"),
    Row("inspections:outing_new"),
    Row("inspections:outing_new", "POST", body=_outing_planned, variant="POST"),
    Row("inspections:outing", kwargs=_outing("going")),
    Row("inspections:outing", kwargs=_outing("visited"), variant="done"),
    Row("inspections:outing_finish", "POST", _outing("going")),
    Row("inspections:outing_cancel", "POST", _outing("called")),
    Row("inspections:outing_draw", kwargs=_outing("going")),
    Row("inspections:outing_results", kwargs=_outing("going")),
    Row("inspections:outing_results", kwargs=_outing("visited"), variant="done"),
    Row("inspections:outing_xlsx", kwargs=lambda w: _outing("visited")(w) | {"table": "teams"}),
    Row("inspections:outing_point_add", "POST", _outing("going"), lambda w: {"place": "哲商小学"}),
    Row("inspections:outing_point_arrive", "POST", _outing_point("going_point")),
    Row("inspections:outing_point_skip", "POST", _outing_point("going_point"), _why_not),
    Row("inspections:spot_check", kwargs=_outing_point("going_point")),
    Row(
        "inspections:spot_check", "POST", _outing_point("going_point"), _spot_found, variant="POST"
    ),
    Row("inspections:spot_check", kwargs=_outing_point("visited_point"), variant="done"),
    Row("inspections:spot_file", "POST", _outing_point("visited_point"), _fault),
    Row("inspections:templates"),
    Row("inspections:template", kwargs=_sheet_template()),
    Row("inspections:template_file", kwargs=_sheet_template(number=0)),
    Row("inspections:template_sample", kwargs=_sheet_template(number=0)),
    Row("inspections:template_try", "POST", _sheet_template(), _template_sent),
    Row("inspections:template_upload", "POST", _sheet_template(), _template_sent),
    Row("inspections:template_back", "POST", _sheet_template(), _template_day),
    Row("inspections:view_subscriptions"),
    Row("inspections:view_subscription", kwargs=_pk("saved_view")),
    Row(
        "inspections:view_subscription",
        "POST",
        _pk("saved_view"),
        lambda world: {"weekday": 1, "hour": 9, "version": 0},
        variant="POST",
    ),
    Row("inspections:scores"),
    Row("inspections:score_mine"),
    Row("inspections:score_file", kwargs=_score_file),
    Row("inspections:score_line", kwargs=_score_line),
    Row("inspections:score_scheme", kwargs=_score_scheme),
    Row("inspections:score_scheme", "POST", _score_scheme, _score_version, variant="POST"),
    Row("inspections:score_scheme_copy", "POST", _score_scheme, lambda w: {"name": "环卫考核"}),
    Row("inspections:score_trial", kwargs=_score_sheet),
    Row("inspections:score_act", "POST", _score_act("recount"), _score_seen),
    Row("inspections:score_act", "POST", _score_act("close"), _score_seen),
    Row("inspections:score_act", "POST", _score_act("correct"), _score_seen),
    Row("inspections:publicity"),
    Row("inspections:publicity_file", kwargs=lambda world: {"suffix": "json"}),
    Row("inspections:digests"),
    Row("inspections:digest", kwargs=_pk("digest")),
    Row("inspections:digest_docx", kwargs=_pk("digest")),
    Row("inspections:digest_pdf", kwargs=_pk("digest")),
    Row("inspections:digest_remarks", "POST", _pk("digest"), _version("digest", remarks="加派")),
    Row("inspections:digest_sign", "POST", _pk("digest"), _version("digest", remarks="加派")),
    Row("inspections:digest_edit", "POST", _pk("digest"), _version("digest", remarks="加派")),
    Row("inspections:digest_hint", "POST", _pk("digest"), _version("digest", skip="case:1")),
    Row("inspections:digest_correct", "POST", _pk("digest"), _correction),
    Row("inspections:digest_drop", "POST", _pk("digest"), _version("digest")),
    Row("inspections:digest_figure", kwargs=_figure),
    Row("inspections:digest_schedules"),
    Row(
        "inspections:digest_schedule",
        "POST",
        lambda w: {"kind": "weekly", "scope": "teams"},
        lambda w: {"version": 0, "weekly-teams-hour": 9, "weekly-teams-weekday": 5},
    ),
)  # fmt: skip

ROOMS = sorted({row.room for row in ROWS})
