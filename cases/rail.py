"""The desks of the cases room: who sees which, and how much waits there."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.models import User
from citymgmt.registry import Desk, PersonLink, add_desk, add_person_link

# Whoever runs the bureau looks at boards without being of a team.
BOARD_READERS = (Capability.CASE_DISPATCH, Capability.PEOPLE_EDIT)


def register() -> None:
    """Called once when the app is ready."""
    from cases.waiting import asked_of
    from citymgmt.waiting import add_source
    from grids.access import access_of

    add_source(asked_of, about=access_of)
    for desk in _desks():
        add_desk(desk)
    add_person_link(PersonLink("cases:bulk_jobs", _("批量办理"), _acts_on_many))
    add_person_link(PersonLink("cases:hand_over", _("交接"), _hands_over))


def _acts_on_many(user: User) -> bool:
    from cases.services.bulk import acts_for
    from grids.access import access_of

    return bool(acts_for(access_of(user)))


def _hands_over(user: User) -> bool:
    from cases.services.handover import may_hand_over
    from grids.access import access_of

    return may_hand_over(access_of(user))


def _desks() -> tuple[Desk, ...]:
    from cases.waiting import works_on_orders
    from grids.access import access_of

    def holds(*capabilities: str) -> Callable[[User], bool]:
        return lambda user: any(access_of(user).can(each) for each in capabilities)

    def sees_board(user: User) -> bool:
        return works_on_orders(access_of(user)) or holds(*BOARD_READERS)(user)

    return (
        Desk(
            "cases:requests",
            _("申请审批"),
            "checks",
            1,
            15,
            holds(Capability.REQUEST_DECIDE),
            _number("requests"),
        ),
        Desk(
            "cases:list",
            _("案件"),
            "clipboard-list",
            1,
            20,
            holds(Capability.CASE_VIEW),
            _number("cases"),
        ),
        Desk(
            "cases:triage",
            _("受理派遣"),
            "send",
            1,
            30,
            holds(Capability.REPORT_FILE, Capability.CASE_DISPATCH),
            _number("reports", "to_dispatch"),
        ),
        Desk("cases:board", _("派单板"), "users", 1, 40, sees_board, _number("orders")),
        Desk(
            "cases:checks",
            _("核查"),
            "eye-check",
            1,
            50,
            holds(Capability.ORDER_CHECK),
            _number("checks"),
        ),
    )


def _number(*names: str) -> Callable[[User], int | None]:
    """The sum of some numbers of the person's waiting things; nothing where nothing waits."""
    from cases.waiting import waiting_for

    def count(user: User) -> int | None:
        waiting = waiting_for(user)
        return sum(getattr(waiting, name) for name in names) or None

    return count
