"""Views of the case list under a name: kept, changed, shared with a team, thrown away."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.models import SavedView
from cases.models.saved_view import MAX_NAME, MAX_QUERY
from cases.policies import may_share
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.models import Team

MOST_VIEWS = 30
"""So many views a person keeps, and so many are shared with one team."""


def save_view(
    *, actor: User, at: datetime, name: str, query: str, team_id: int | None = None
) -> SavedView:
    """Keep a view under a name of one's own; with a team, everybody of it has it too.

    `query` is the canonical query string of `cases.caselist.ListView`.
    """
    words = _name(name)
    _check_query(query)
    with transaction.atomic():
        # The person's row first, so that two windows cannot both be the thirtieth.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        if SavedView.objects.filter(owner=actor).count() >= MOST_VIEWS:
            raise _too_many(_("每人最多存 %(most)s 个视图，请先删掉不用的。"))
        team = _shareable(team_id, actor) if team_id else None
        return _written(SavedView(owner=actor, name=words, query=query, team=team, made_at=at))


def rename_view(*, view: SavedView, actor: User, name: str, version: int | None) -> SavedView:
    """Give one's view another name."""
    _own(view, actor)
    words = _name(name)
    try:
        with transaction.atomic():
            return _changed(view, version, name=words)
    except IntegrityError as error:
        raise _taken() from error


def change_view(*, view: SavedView, actor: User, query: str, version: int | None) -> SavedView:
    """Let one's view show something else."""
    _own(view, actor)
    _check_query(query)
    return _changed(view, version, query=query)


def share_view(
    *, view: SavedView, actor: User, team_id: int | None, version: int | None
) -> SavedView:
    """Share one's view with a team, or with None keep it to oneself again."""
    _own(view, actor)
    with transaction.atomic():
        team = _shareable(team_id, actor) if team_id else None
        return _changed(view, version, team=team)


def delete_view(*, view: SavedView, actor: User) -> None:
    """Throw away one's view; a shared one also by whoever may share with that team."""
    if view.owner_id != actor.pk:
        team = view.team
        if team is None or not may_share(access_of(actor), team.path):
            raise Forbidden(_("只有存它的人能删这个视图。"))
    SavedView.objects.filter(pk=view.pk).delete()


# --- Checks ---------------------------------------------------------------------------------


def _name(name: str) -> str:
    words = clean_text(name)
    if not words:
        raise DomainError("name", _("请给视图起个名字。"), field="name")
    if len(words) > MAX_NAME:
        message = _("名字最多 %(most)s 个字。") % {"most": MAX_NAME}
        raise DomainError("name", message, field="name")
    return words


def _check_query(query: str) -> None:
    if len(query) > MAX_QUERY:
        raise DomainError("query", _("条件太多，存不下，请去掉几个再存。"), field="query")


def _own(view: SavedView, actor: User) -> None:
    if view.owner_id != actor.pk:
        raise Forbidden(_("只有存它的人能改这个视图，可以另存一个自己的。"))


def _shareable(team_id: int, actor: User) -> Team:
    """The team, locked, so that its shared views can be counted."""
    team = Team.objects.select_for_update(no_key=True).filter(pk=team_id, is_active=True).first()
    if team is None:
        raise DomainError("team", _("没有这个单位，请重新选。"), field="team")
    if not may_share(access_of(actor), team.path):
        raise Forbidden(_("您不能把视图共享给这个单位。"))
    if SavedView.objects.filter(team=team).count() >= MOST_VIEWS:
        raise _too_many(_("每个单位最多共享 %(most)s 个视图，请先删掉不用的。"))
    return team


def _too_many(message: object) -> DomainError:
    return DomainError("views", str(message) % {"most": MOST_VIEWS}, field="name")


def _taken() -> DomainError:
    return DomainError("name", _("您已有一个叫这个名字的视图，请换一个。"), field="name")


def _written(view: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            view.save(force_insert=True)
    except IntegrityError as error:
        raise _taken() from error
    return view


def _changed(view: SavedView, version: int | None, **values: object) -> SavedView:
    """Compare and set; raises Conflict where somebody got there first."""
    seen = view.version if version is None else version
    rows = SavedView.objects.filter(pk=view.pk, version=seen)
    if not rows.update(version=seen + 1, **values):
        raise Conflict
    view.refresh_from_db()
    return view
