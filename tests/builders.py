"""Reach a state through the real services, step by step, each at its moment."""

import io
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from PIL import Image

from cases.models import Case, Order, Report
from cases.services import checking, ending, merging, rectification, suspension, triage
from cases.services.dispatch import Task, dispatch_case
from cases.services.intake import Telling, create_report
from cases.services.rectification import Result
from citymgmt.choices import PhotoKind
from citymgmt.models import Photo, User
from citymgmt.services.photos import receive_photo
from tests.city import IN_FIRST_CELL, NOW, City


def jpeg(seed: int = 1, size: tuple[int, int] = (320, 240)) -> bytes:
    """A small true JPEG; another seed gives other bytes and another look."""
    image = Image.new("RGB", size, (seed * 37 % 256, seed * 91 % 256, seed * 53 % 256))
    image.paste((255, 255, 255), (seed * 7 % 200, seed * 13 % 150, seed * 7 % 200 + 60, 200))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def photo(actor: User, *, kind: str = PhotoKind.NEAR, seed: int = 1, at: datetime = NOW) -> Photo:
    """An uploaded, unclaimed photo."""
    return receive_photo(actor=actor, at=at, content=jpeg(seed), kind=kind)


def report(
    city: City, *, by: str = "officer", at: datetime = NOW, photos: int = 1, **changes: object
) -> Report:
    """A report in the first cell."""
    actor = city.people[by]
    telling = {
        "channel": "patrol",
        "text": "水果店把货摆到人行道上",
        "address": "紫阳街 118 号",
        "category_id": city.spill.pk,
        "lon": IN_FIRST_CELL[0],
        "lat": IN_FIRST_CELL[1],
        "photo_ids": [photo(actor, seed=n + 1, at=at).pk for n in range(photos)],
    } | changes
    return create_report(actor=actor, at=at, key=uuid.uuid4(), telling=Telling(**telling))


def case(city: City, *, at: datetime = NOW, **changes: object) -> Case:
    """A case that waits for dispatch."""
    row = report(city, at=at, **changes)
    standard = city.litter_standard if row.category_id == city.litter.pk else city.spill_standard
    return triage.file_report(
        report_id=row.pk, actor=city.dispatcher, at=at, version=None, standard_id=standard.pk
    )


def issued(
    city: City,
    *,
    at: datetime = NOW,
    team: str = "gucheng",
    person: str | None = "officer",
    **changes: object,
) -> Order:
    """An order that waits to be received."""
    row = case(city, at=at, **changes)
    task = Task(team_id=city.teams[team].pk, person_id=city.people[person].pk if person else None)
    return dispatch_case(case_id=row.pk, actor=city.dispatcher, at=at, version=None, task=task)


def received(city: City, *, at: datetime = NOW, **changes: object) -> Order:
    """An order that is being worked on."""
    order = issued(city, at=at, **changes)
    actor = order.person or city.leader
    return rectification.receive_order(order_id=order.pk, actor=actor, at=at, version=None)


def submitted(
    city: City,
    *,
    at: datetime = NOW,
    after: timedelta = timedelta(minutes=30),
    **changes: object,
) -> Order:
    """An order that waits for a check, submitted half an hour after its issue."""
    order = received(city, at=at, **changes)
    actor = order.person or city.leader
    later = at + after
    return rectification.submit_order(
        order_id=order.pk,
        actor=actor,
        at=later,
        version=None,
        result=done(actor, at=later, seed=order.pk % 50 + 60),
    )


def done(actor: User, *, at: datetime = NOW, seed: int = 60) -> Result:
    """What a team submits: a quantity, a word and a photo of the state after."""
    after = photo(actor, kind=PhotoKind.AFTER, seed=seed, at=at)
    return Result(quantity=Decimal(1), note="货已收回店内", photo_ids=[after.pk])


def closed(city: City, *, at: datetime = NOW, **changes: object) -> Order:
    """A passed order on a closed case, closed an hour after its issue."""
    order = submitted(city, at=at, **changes)
    return checking.pass_order(
        order_id=order.pk, actor=city.inspector, at=at + timedelta(hours=1), version=None
    )


def closed_late(city: City, *, at: datetime = NOW, **changes: object) -> Order:
    """A passed order that was put right three hours after its issue, past its limit."""
    order = submitted(city, at=at, after=timedelta(hours=3), **changes)
    return checking.pass_order(
        order_id=order.pk, actor=city.inspector, at=at + timedelta(hours=4), version=None
    )


def suspended(city: City, *, at: datetime = NOW, **changes: object) -> Case:
    """A case that rests for ten days, its order being worked on."""
    order = received(city, at=at, **changes)
    until = (at + timedelta(days=10)).date()
    return suspension.suspend_case(
        case_id=order.case_id,
        actor=city.dispatcher,
        at=at,
        version=None,
        until=until,
        note="等店面装修",
    )


def merged(city: City, *, at: datetime = NOW, **changes: object) -> Case:
    """A case that was joined to another, which is being rectified."""
    lead = issued(city, at=at).case
    row = case(city, at=at, **changes)
    return merging.merge_case(
        case_id=row.pk,
        actor=city.dispatcher,
        at=at,
        version=None,
        into=lead.number,
        note="同一家店",
    )


def voided(city: City, *, at: datetime = NOW, **changes: object) -> Case:
    """A case that never was one."""
    row = case(city, at=at, **changes)
    return ending.void_case(
        case_id=row.pk, actor=city.dispatcher, at=at, version=None, note="已批准的摊点"
    )


def forced(city: City, *, at: datetime = NOW, **changes: object) -> Case:
    """A case that was closed by force while its order was being worked on."""
    order = received(city, at=at, **changes)
    return ending.force_close_case(
        case_id=order.case_id, actor=city.supervisor, at=at, version=None, note="产权有争议"
    )
