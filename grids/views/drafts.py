"""Acts on the draft of the grid: begin, draw, set its day, publish, give up."""

import json
import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from citymgmt import clock
from citymgmt.errors import DomainError, Forbidden
from citymgmt.middleware import refusal
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from citymgmt.services.idempotency import once
from grids.drafting import Board
from grids.models import Cell, GridDraft
from grids.outline import changed_outline, moment_of
from grids.problems import size_words
from grids.rings import as_mapping, degrees
from grids.seams import seams_beside
from grids.services.draft_asks import Ask, parse_ask
from grids.services.draft_publish import publish_draft, seam_words
from grids.services.drafts import drop_draft, may_draw, set_day, start_draft, take_step, try_step
from grids.staffing import staffing
from grids.views.drawing import allowed_areas, drawn_draft, grid_access, state_of

MAX_BODY = 64 * 1024
"""Bytes of one act: 500 points in full precision are less than half of it."""

Act = Callable[[GridDraft, User, datetime, int], Done]


@require_POST
def draft_act(request: HttpRequest) -> HttpResponse:
    """One act; the answer has the cells that changed, and everything that is wrong now."""
    access, at = grid_access(request), clock.now()
    draft = drawn_draft(access)
    user: User = request.user  # type: ignore[assignment]
    try:
        told = _told(request)
        ask, version, key = parse_ask(told.get("ask")), _version(told), _key(told)
        _require_visible(Board(draft), ask, allowed_areas(access))

        def act() -> dict[str, Any]:
            step = take_step(draft_id=draft.pk, actor=user, at=at, version=version, ask=ask)
            return {"said": step.said, "keys": sorted(step.after), "version": version + 1}

        answer, _repeated = once(user=user, key=key, request={"draft": draft.pk, **told}, act=act)
    except Cell.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        return _refused(error)
    draft.refresh_from_db()
    board = Board(draft)
    staffs = staffing(moment_of(board, at))
    cells = changed_outline(board, staffs, answer["keys"], allowed_areas(access))
    return JsonResponse({"said": answer["said"], "cells": cells, **state_of(request, board, at)})


@require_POST
def draft_check(request: HttpRequest) -> HttpResponse:
    """What an act would leave wrong around it, while it is being drawn; nothing is kept."""
    access = grid_access(request)
    draft = drawn_draft(access)
    try:
        ask = parse_ask(_told(request).get("ask"))
        _require_visible(Board(draft), ask, allowed_areas(access))
        board, changes = try_step(draft_id=draft.pk, actor=request.user, ask=ask)  # type: ignore[arg-type]
    except Cell.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        return _refused(error)
    patch = {key: entry.shape if entry else None for key, entry in changes.items()}
    found = seams_beside(board.mesh.changed(patch), patch)
    return JsonResponse(
        {
            "problems": [
                {
                    "kind": seam.kind,
                    "title": f"{seam_words(seam)} {size_words(seam.square_metres)}",
                    "at": degrees(seam.at),
                    "place": as_mapping(seam.place),
                }
                for seam in found
            ]
        }
    )


@require_POST
def draft_start(request: HttpRequest) -> HttpResponse:
    """Begin the next edition."""
    access = grid_access(request)
    if not may_draw(access):
        raise Forbidden

    def act() -> Done:
        draft = start_draft(actor=request.user, at=clock.now())  # type: ignore[arg-type]
        said = _("开始画新一版，%(day)s 起用；发布以前，现行的不变。") % {"day": draft.starts_on}
        return Done(reverse("grids:map"), said)

    return act_once(request, act)


@require_POST
def draft_day(request: HttpRequest) -> HttpResponse:
    """Change the day from which the draft holds."""

    def act(draft: GridDraft, user: User, at: datetime, version: int) -> Done:
        day = _day(request)
        set_day(draft_id=draft.pk, actor=user, at=at, version=version, starts_on=day)
        return Done(reverse("grids:map"), _("改为 %(day)s 起用。") % {"day": day})

    return _whole(request, act)


@require_POST
def draft_publish(request: HttpRequest) -> HttpResponse:
    """Publish the draft as a whole."""

    def act(draft: GridDraft, user: User, at: datetime, version: int) -> Done:
        done = publish_draft(draft_id=draft.pk, actor=user, at=at, version=version)
        words = {"number": done.edition, "day": done.starts_on}
        said = _("第 %(number)s 版已发布，%(day)s 起用；旧案仍算旧格。") % words
        return Done(reverse("grids:map"), said)

    return _whole(request, act)


@require_POST
def draft_drop(request: HttpRequest) -> HttpResponse:
    """Give the draft up."""

    def act(draft: GridDraft, user: User, at: datetime, version: int) -> Done:
        drop_draft(draft_id=draft.pk, actor=user, at=at, version=version)
        return Done(reverse("grids:map"), _("草稿已放弃，网格还是现行的。"))

    return _whole(request, act)


# --- Parts ----------------------------------------------------------------------------------


def _whole(request: HttpRequest, act: Act) -> HttpResponse:
    draft = drawn_draft(grid_access(request))
    user: User = request.user  # type: ignore[assignment]
    return act_once(request, lambda: act(draft, user, clock.now(), form_version(request)))


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("starts_on", ""))
    except ValueError as error:
        raise DomainError("starts_on", _("请选起用日期。"), field="starts_on") from error


def _told(request: HttpRequest) -> dict[str, Any]:
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY or len(request.body) > MAX_BODY:
        raise DomainError("too_long", _("一步画得太多了，请分几步画。"), field="points")
    try:
        told = json.loads(request.body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DomainError("ask", _("没有收到完整的内容，请再做一次。"), field="kind") from error
    if not isinstance(told, dict):
        raise DomainError("ask", _("没有收到完整的内容，请再做一次。"), field="kind")
    return told


def _no_number(name: str) -> None:
    raise ValueError(name)


def _version(told: dict[str, Any]) -> int:
    version = told.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < 10**9:
        raise DomainError("version", _("页面已过期，请刷新后再做一次。"), field="version")
    return version


def _key(told: dict[str, Any]) -> uuid.UUID:
    try:
        return uuid.UUID(str(told.get("idempotency_key", "")))
    except ValueError as error:
        words = _("页面已过期，请刷新后再做一次。")
        raise DomainError("idempotency_key", words, field="idempotency_key") from error


def _require_visible(board: Board, ask: Ask, allowed: set[str]) -> None:
    """A cell out of one's scope is not there."""
    starts = tuple(allowed)
    for key in ask.keys:
        entry = board.get(key)
        if entry is not None and not entry.area_code.startswith(starts):
            raise Cell.DoesNotExist


def _refused(error: DomainError) -> JsonResponse:
    """The house's form of an error, with the place that the map marks."""
    body = refusal(error)
    body["error"]["at"] = getattr(error, "at", None)
    return JsonResponse(body, status=error.status if error.status != 400 else 422)
