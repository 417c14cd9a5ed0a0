"""The dialogs of the case page: what each offered move asks for, and what a refused one was."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.casefile import CaseFile
from cases.choices import RequestKind
from cases.deadlines import limit_text
from cases.forms import MoveForm
from cases.models import Case, Order, Request
from cases.options import Option, label_options, team_options
from cases.presenters import limit_of
from cases.services.dispatch import Proposal, choose
from cases.services.offers import Offer, Offers, Row, subject_of
from cases.workflow import Move, Need, Subject
from cases.workload import Hand, hands_of
from citymgmt.choices import PhotoKind
from citymgmt.photo_urls import PhotoView

# These are made by their button alone, all but the first after a question.
AT_ONCE = {
    "receive": "",
    "unassign": gettext_lazy("收回这一单，退到未分派？"),
    "pass": gettext_lazy("整改到位，通过核查？"),
    "withdraw": gettext_lazy("撤回这项申请？"),
}
# The moves of every day have a button; what is rarer stands in a menu, the dangerous last.
FREQUENT = frozenset({"assign", "rework", "return", "urge"})
DANGEROUS = frozenset({"cancel", "force-close", "void"})
IN_PLACE = frozenset({"comment"})
PICTURED = frozenset({"submit", "comment"})

_ADDRESSES: dict[Subject, str] = {
    Subject.CASE: "cases:case_move",
    Subject.ORDER: "cases:order_move",
    Subject.REQUEST: "cases:request_move",
    Subject.SUPERVISION: "cases:supervision_move",
    Subject.INSTRUCTION: "cases:instruction_move",
}
_HINTS: dict[str, object] = {
    "rework": gettext_lazy("时钟接着走：剩多少给多少，至少给原时限的四分之一。"),
    "assist": gettext_lazy("协办单位另领一张整改单，各算各的时限；全部通过才结案。"),
    "transfer": gettext_lazy("原来的单撤销，新单位从头计时；已记下的都留着。"),
    "cancel": gettext_lazy("撤的是主办单，案件就回到待派遣。"),
    "merge": gettext_lazy("本案的整改单都撤销，随主案一起结案；上报人会收到通知。"),
    "force-close": gettext_lazy("整改单都撤销，案件就此结案，不算按期；不安排回头看。"),
    "void": gettext_lazy("说明本来就不成案：退出统计，案号和经过都留着。"),
    "supervise": gettext_lazy("案件页上一直显示督办时钟，直到结案或解除。"),
    "correct": gettext_lazy("旧的和新的都记入经过，上报人原来的话不改。"),
    "ask-extension": gettext_lazy("同意一次加一个原时限，每案最多两次；没同意的不算次数。"),
    "resume": gettext_lazy("时钟接着走，剩多少是多少。"),
    "name": gettext_lazy("店铺和当事人可以都写。都空着就是取消点名；旧的和新的都记入经过。"),
}
_BUTTONS: dict[str, object] = {
    "dispatch": gettext_lazy("派出"),
    "assist": gettext_lazy("派协办"),
    "merge": gettext_lazy("并入主案"),
    "assign": gettext_lazy("派给他"),
    "submit": gettext_lazy("提交，停钟"),
    "return": gettext_lazy("退回"),
    "transfer": gettext_lazy("改派，重新计时"),
    "ask-extension": gettext_lazy("提交申请"),
    "ask-suspension": gettext_lazy("提交申请"),
    "appeal": gettext_lazy("提交申诉"),
    "suspend": gettext_lazy("挂账，停钟"),
    "name": gettext_lazy("点名"),
    "instruct": gettext_lazy("发出批示"),
    "answer": gettext_lazy("答复"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A move that was refused: its row, its form as typed, and the photos that are already up."""

    row: Row
    form: MoveForm
    photos: Sequence[PhotoView] = ()

    def is_of(self, move: Move, row: Row) -> bool:
        """Whether it is this move of this row that was refused."""
        return self.form.move == move and (type(self.row), self.row.pk) == (type(row), row.pk)


@dataclass(frozen=True, slots=True)
class Act:
    """A move as the page offers it: a button that acts, or one that opens dialog `key`.

    `question` is asked before a button acts; `shortcut` is its key, empty where another button
    of the page has it; `whose` is the team where several orders are at work.
    """

    offer: Offer
    key: str
    label: str
    action: str
    question: str = ""
    shortcut: str = ""
    whose: str = ""

    @property
    def at_once(self) -> bool:
        """Whether its button alone makes it."""
        return self.move.name in AT_ONCE

    @property
    def is_primary(self) -> bool:
        """Whether it leads on."""
        return self.move.primary

    @property
    def is_dangerous(self) -> bool:
        """Whether it ends something that others work on."""
        return self.move.name in DANGEROUS

    @property
    def move(self) -> Move:
        """The move itself."""
        return self.offer.move

    @property
    def version(self) -> int:
        """The version of the row that the page was made from."""
        return self.offer.row.version


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog with its form. `teams`, `hands`, `team_value` and `person_id` are what the pickers
    offer and have chosen; `photos` are those that came up before a refusal."""

    act: Act
    form: MoveForm
    title: str
    button: str
    hint: str = ""
    is_open: bool = False
    proposal: Proposal | None = None
    teams: Sequence[Option] = field(default=())
    team_value: str = ""
    assisting: Sequence[str] = field(default=())
    hands: Sequence[Hand] = field(default=())
    person_id: int | None = None
    uploads: bool = False
    wants_before: bool = False
    photos: dict[str, list[PhotoView]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Buttons:
    """The acts of the head: the frequent ones, the one that leads on last, and the menu's."""

    shown: Sequence[Act] = ()
    menu: Sequence[Act] = ()


def acts_of(offers: Offers, *, main: Iterable[Row], several: bool) -> list[Act]:
    """The acts of a page. Those of rows in `main` have the plain keys; with `several` orders at
    work an order's act names its team."""
    mains = {(type(row), row.pk) for row in main}
    return [
        _act(offer, (type(offer.row), offer.row.pk) in mains, several)
        for offer in offers.allowed
        if offer.move.name not in IN_PLACE
    ]


def _act(offer: Offer, is_main: bool, several: bool) -> Act:
    move, row = offer.move, offer.row
    among = several and isinstance(row, Order)
    return Act(
        offer=offer,
        key=move.name if is_main else f"{move.name}-{row.number}",
        # Only the last order that passes closes the case.
        label=_("通过") if among and move.name == "pass" else str(offer.label),
        action=action_of(row, move.name),
        question=str(AT_ONCE.get(move.name, "")),
        shortcut=move.key if is_main else "",
        whose=row.team.name if several and isinstance(row, Order) else "",
    )


def buttons_of(acts: Iterable[Act]) -> Buttons:
    """Arrange the acts of the head; a menu of one would only hide it."""
    acts = list(acts)
    leading = [act for act in acts if act.is_primary]
    frequent = [act for act in acts if act.move.name in FREQUENT and not act.is_primary]
    rest = [act for act in acts if act not in leading and act not in frequent]
    rest.sort(key=lambda act: act.is_dangerous)
    if len(rest) == 1 and not rest[0].is_dangerous:
        frequent, rest = [*rest, *frequent], []
    return Buttons((*frequent, *leading), tuple(rest))


def acts_on(row: Row, acts: Iterable[Act]) -> list[Act]:
    """Those of the acts that are moves of the row."""
    own = (type(row), row.pk)
    return [act for act in acts if (type(act.offer.row), act.offer.row.pk) == own]


def action_of(row: Row, name: str) -> str:
    """The address to which a move of the row is sent."""
    return reverse(_ADDRESSES[subject_of(row)], args=[row.number, name])


def dialogs_for(
    acts: Sequence[Act], file: CaseFile, at: datetime, refused: Refused | None
) -> list[Dialog]:
    """The dialogs of the acts that need one; `refused` is open with what was typed."""
    return [_dialog(act, file, at, refused) for act in acts if not act.at_once]


def _dialog(act: Act, file: CaseFile, at: datetime, refused: Refused | None) -> Dialog:
    move, row = act.move, act.offer.row
    again = refused if refused is not None and refused.is_of(move, row) else None
    form = again.form if again else MoveForm(move, at=at)
    form.keyed(act.key)
    if move.name == "name":
        # Under what is named already everything stays to be chosen anew.
        shop = file.case.shop
        form.initial = {"shop": shop.code if shop else "", "party": file.case.party}
    if move.name == "correct":
        form.initial = {"text": file.case.text, "address": file.case.address}
    more: dict[str, Any] = {}
    if Need.TEAM in move.needs:
        more = _team_choices(move, file, form, at)
    elif Need.PERSON in move.needs and isinstance(row, Order):
        more = {"hands": hands_of(row.team_id, at), "person_id": row.person_id}
    elif Need.LABEL in move.needs:
        form.fields["label"].widget.choices = label_choices(move, file.case)
    elif Need.AFTER_PHOTO in move.needs and isinstance(row, Order):
        form.fields["quantity"].help_text = _("单位：%(unit)s") % {"unit": row.unit}
        more = _photo_wants(row, file, again)
    return Dialog(
        act=act,
        form=form,
        title=_title(act),
        button=_button(act),
        hint=_hint(act, file.case),
        is_open=again is not None,
        **more,
    )


def _title(act: Act) -> str:
    row = act.offer.row
    if isinstance(row, Request):
        said = {"move": act.label, "kind": row.get_kind_display()}
        return _("%(move)s%(kind)s") % said
    return f"{act.label} · {act.whose}" if act.whose else act.label


def _button(act: Act) -> str:
    row = act.offer.row
    if act.move.name == "rework" and isinstance(row, Order):
        return _("退回 %(team)s") % {"team": row.team.name}
    return str(_BUTTONS.get(act.move.name, act.offer.label))


def _hint(act: Act, case: Case) -> str:
    row = act.offer.row
    if act.move.name == "dispatch":
        return _("派出后开始计时，限 %(limit)s。") % {"limit": limit_text(limit_of(case))}
    if act.move.name == "approve" and isinstance(row, Request):
        if row.kind == RequestKind.EXTENSION:
            limit = limit_text(limit_of(row.order))
            return _("同意后加 %(limit)s。") % {"limit": limit}
        if row.kind == RequestKind.APPEAL:
            return _("同意后统计不计超时，原来的用时照样留着。")
        return _("同意后停钟，%(day)s 自动恢复。") % {"day": row.until}
    return str(_HINTS.get(act.move.name, ""))


def _team_choices(move: Move, file: CaseFile, form: MoveForm, at: datetime) -> dict[str, Any]:
    """Teams and people to choose from; for a dispatch the proposal is chosen unless the reader
    chose already."""
    proposal, team, person = None, None, None
    if move.name == "dispatch":
        place = file.case.cell.code if file.case.cell else ""
        proposal = choose(category=file.case.category, rows=file.answering, place=place)
        team = proposal.team.pk if proposal.team else None
        person = proposal.person.pk if proposal.person else None
    if form.is_bound:
        team, person = form["team"].value(), form["person"].value()
    team_id = row_id(team)
    assisting = form["assisting"].value() if form.is_bound and "assisting" in form.fields else ()
    return {
        "proposal": proposal,
        "teams": team_options(),
        "team_value": str(team_id or ""),
        "assisting": list(assisting or ()),
        "hands": hands_of(team_id, at),
        "person_id": row_id(person),
    }


def label_choices(move: Move, case: Case | None = None) -> list[tuple[str, str]]:
    """The labels that may be put on a case, or taken off it; None for cases in general."""
    standing = frozenset() if case is None else frozenset(map(str, case.label_ids))
    if move.name == "unlabel":
        rows = [each for each in label_options() if case is None or each.value in standing]
    else:
        rows = [each for each in label_options() if each.in_use and each.value not in standing]
    return [("", _("请选择")), *((each.value, each.label) for each in rows)]


def row_id(value: object) -> int | None:
    """The id that was chosen; None for anything that cannot be one."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _photo_wants(order: Order, file: CaseFile, again: Refused | None) -> dict[str, Any]:
    """Which photos a submission still needs; a rebound was photographed at its look-back."""
    up = again.photos if again else ()
    return {
        "uploads": True,
        "wants_before": not (file.before or order.is_rebound),
        "photos": {
            "before": [photo for photo in up if photo.kind == PhotoKind.BEFORE],
            "after": [photo for photo in up if photo.kind == PhotoKind.AFTER],
        },
    }
