"""Drafts of the grid: begin, act, take back and make again, give up. Publishing is beside it.

Every act is a step: one transaction, the version that was seen compared and set, what was before
kept with it. Nothing of the grid in force changes before it is published as a whole.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.choices import DraftState, StepKind
from grids.drafting import BASE, Board, as_change, entry_of
from grids.edition import Edition, Entry, newest_edition
from grids.models import GridDraft, GridDraftStep
from grids.policies import Access, Place
from grids.services.draft_acts import make
from grids.services.draft_asks import Ask

MAX_AHEAD = timedelta(days=366)
MAX_STEPS_BACK = 500
"""Steps that can be taken back; older ones stay on record."""

MAX_CHANGED = 3_000


def start_draft(*, actor: User | None, at: datetime, starts_on: date | None = None) -> GridDraft:
    """Begin the next edition; it builds on the newest there is. Raises Conflict where one is
    open already, Forbidden, DomainError for the day."""
    require_some(actor)
    edition = newest_edition()
    day = starts_on or _usual_day(edition, at)
    check_day(edition, day, at)
    try:
        with transaction.atomic():
            return GridDraft.objects.create(starts_on=day, made_by=actor, made_at=at)
    except IntegrityError as error:
        raise Conflict(_("已经有一份草稿在画，请刷新后接着画。")) from error


def set_day(
    *, draft_id: int, actor: User | None, at: datetime, version: int, starts_on: date
) -> GridDraft:
    """Change the day from which the draft holds."""
    with transaction.atomic():
        draft = held(draft_id, version)
        require_some(actor)
        check_day(newest_edition(), starts_on, at)
        return write_draft(draft, starts_on=starts_on)


def drop_draft(*, draft_id: int, actor: User | None, at: datetime, version: int) -> GridDraft:
    """Give the draft up; its steps stay on record, the grid stays as it is."""
    with transaction.atomic():
        draft = held(draft_id, version)
        board = Board(draft)
        require_areas(actor, touched_areas(board, draft.changes))
        return write_draft(draft, state=DraftState.DROPPED, ended_by=actor, ended_at=at)


def take_step(
    *, draft_id: int, actor: User | None, at: datetime, version: int, ask: Ask
) -> GridDraftStep:
    """Make one act on the draft, or take the last one back, or make it again.

    Raises Conflict where somebody was quicker, Cell.DoesNotExist for an unknown key, Forbidden
    where a cell that changes is not the actor's to draw, DomainError for what cannot be.
    """
    with transaction.atomic():
        draft = held(draft_id, version)
        if ask.kind in (StepKind.UNDO, StepKind.REDO):
            return _again(draft, ask.kind, actor, at)
        board = Board(draft)
        made = make(board, ask)
        after = {key: _kept(board.edition, key, one) for key, one in made.changes.items()}
        before = {key: draft.changes.get(key, BASE) for key in after}
        after = {key: value for key, value in after.items() if value != before[key]}
        if not after:
            raise DomainError("nothing", _("没有变化。"), field="geometry")
        require_areas(actor, _areas(board, made.changes))
        step = _step(draft, ask.kind, None, made.said, actor, at)
        step.before, step.after = {key: before[key] for key in after}, after
        done = [*draft.done, step.seq][-MAX_STEPS_BACK:]
        _store(draft, board.edition, step, done=done, undone=[])
        return step


def try_step(*, draft_id: int, actor: User | None, ask: Ask) -> tuple[Board, dict[str, Any]]:
    """What an act would make of the draft, and the cells that it would change; nothing is kept.

    Raises as `take_step` does, but for who was quicker.
    """
    board = Board(GridDraft.objects.get(pk=draft_id))
    made = make(board, ask)
    require_areas(actor, _areas(board, made.changes))
    return board, made.changes


def _again(draft: GridDraft, kind: str, actor: User | None, at: datetime) -> GridDraftStep:
    stack = draft.done if kind == StepKind.UNDO else draft.undone
    if not stack:
        words = _("没有可撤销的了。") if kind == StepKind.UNDO else _("没有可重做的了。")
        raise DomainError("nothing", words, field="kind")
    target = draft.steps.get(seq=stack[-1])
    board = Board(draft)
    back = kind == StepKind.UNDO
    changes = target.before if back else target.after
    require_areas(actor, touched_areas(board, target.before) | touched_areas(board, target.after))
    said = (_("撤销：%(what)s") if back else _("重做：%(what)s")) % {"what": target.said}
    step = _step(draft, kind, target.seq, said[:200], actor, at)
    step.before = {key: draft.changes.get(key, BASE) for key in changes}
    step.after = changes
    done = draft.done[:-1] if back else [*draft.done, target.seq]
    undone = [*draft.undone, target.seq] if back else draft.undone[:-1]
    _store(draft, board.edition, step, done=done, undone=undone)
    return step


def _step(
    draft: GridDraft, kind: str, of: int | None, said: str, actor: User | None, at: datetime
) -> GridDraftStep:
    seq = draft.steps_made + 1
    return GridDraftStep(draft=draft, seq=seq, kind=kind, of=of, said=said, actor=actor, at=at)


def _store(draft: GridDraft, edition: Edition, step: GridDraftStep, **stacks: list[int]) -> None:
    changes = {**draft.changes, **step.after}
    changes = {key: value for key, value in changes.items() if value != BASE}
    if len(changes) > MAX_CHANGED:
        words = _("一版最多改 %(most)s 格，请先发布这一版。") % {"most": MAX_CHANGED}
        raise DomainError("too_many", words, field="geometry")
    # What was changed beside the draft is refused when it is published.
    bases = {key: draft.bases.get(key, edition.generations.get(key)) for key in changes}
    step.save()
    write_draft(draft, changes=changes, bases=bases, steps_made=step.seq, **stacks)


def _kept(edition: Edition, key: str, entry: Entry | None) -> Any:
    """A change as the draft keeps it: a cell that is as it had been is none."""
    base = edition.entries.get(key)
    if entry is None:
        return None if base else BASE
    if base is not None and (base.code, base.name, base.shape, base.staff_id) == (
        entry.code,
        entry.name,
        entry.shape,
        entry.staff_id,
    ):
        return BASE
    value = as_change(entry)
    assert value is not None
    # As it comes back from the database: lists, not tuples.
    value["shape"] = [[[list(p) for p in ring] for ring in part] for part in entry.shape]
    return value


# --- Parts that publishing shares -------------------------------------------------------------


def held(draft_id: int, version: int) -> GridDraft:
    """The open draft, locked, if it still is the version that was seen; raises Conflict."""
    draft = GridDraft.objects.select_for_update(of=("self",)).get(pk=draft_id)
    if draft.state != DraftState.OPEN:
        words = _("这份草稿%(state)s，请刷新后再看。") % {"state": draft.get_state_display()}
        raise Conflict(words)
    if draft.version != version:
        last = draft.steps.select_related("actor").last()
        who = last.actor.name if last and last.actor else _("别人")
        raise Conflict(_("%(who)s 刚改过这份草稿，已取来最新的，请再做一次。") % {"who": who})
    return draft


def require_some(actor: User | None) -> None:
    """Raise Forbidden unless the actor may draw cells somewhere."""
    require_areas(actor, set())


def may_draw(access: Access, area_code: str | None = None) -> bool:
    """Whether somebody may draw cells: in an area, or without one somewhere.

    A grant for a team is about who answers, not about where borders run.
    """
    if area_code is not None:
        return access.can_at(Capability.GRID_EDIT, Place(area_code=area_code))
    reaches = access.holding(Capability.GRID_EDIT)
    return any(reach.team_id is None and not reach.own_only for reach in reaches)


def require_areas(actor: User | None, codes: Iterable[str]) -> None:
    """Raise Forbidden unless the actor may draw in all of the areas, and somewhere at all."""
    if actor is None:
        return
    access = access_of(actor)
    if not may_draw(access) or not all(may_draw(access, code) for code in codes):
        raise Forbidden(_("这里的边界不归您画，请找本局管理员。"))


def check_day(edition: Edition, day: date, at: datetime) -> None:
    """Raise DomainError for a day that is past, too far, or not after the newest edition's."""
    today = at.astimezone(clock.LOCAL).date()
    last = edition.last_moment
    if day < today:
        raise DomainError("starts_on", _("起用日期不能早于今天。"), field="starts_on")
    if day > today + MAX_AHEAD:
        raise DomainError("starts_on", _("起用日期最多往后一年。"), field="starts_on")
    if last is not None and day <= last.astimezone(clock.LOCAL).date():
        words = _("最新一版 %(day)s 起用，这一版要在那以后。")
        words = words % {"day": f"{last.astimezone(clock.LOCAL):%Y-%m-%d}"}
        raise DomainError("starts_on", words, field="starts_on")


def _usual_day(edition: Edition, at: datetime) -> date:
    """The first of the next month, or the day after the newest edition begins."""
    local = at.astimezone(clock.LOCAL).date()
    first = (local.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = edition.last_moment
    if last is None or last.astimezone(clock.LOCAL).date() < first:
        return first
    return last.astimezone(clock.LOCAL).date() + timedelta(days=1)


def write_draft(draft: GridDraft, **values: Any) -> GridDraft:
    """Set values on the version that is held; raises Conflict where it is another by now."""
    rows = GridDraft.objects.filter(pk=draft.pk, version=draft.version)
    values["version"] = draft.version + 1
    if rows.update(**values) != 1:
        raise Conflict
    for name, value in values.items():
        setattr(draft, name, value)
    return draft


def _areas(board: Board, changes: dict[str, Entry | None]) -> set[str]:
    found = {entry.area_code for entry in changes.values() if entry}
    return found | {board[key].area_code for key in changes if key in board}


def touched_areas(board: Board, values: dict[str, Any]) -> set[str]:
    """The area codes of cells by their changes in JSON, and of what they were."""
    found = set()
    for key, value in values.items():
        base = board.edition.entries.get(key)
        entry = base if value == BASE else entry_of(key, board.edition, value)
        found |= {one.area_code for one in (entry, base, board.get(key)) if one}
    return found
