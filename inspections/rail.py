"""The desks of the inspections room, and the running campaign at the foot of the rail."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.models import User
from citymgmt.registry import Desk, PersonLink, add_desk, add_footer, add_person_link
from inspections.policies import begins_with_bureau
from inspections.querysets_outings import plans_everywhere

if TYPE_CHECKING:
    from citymgmt.counting import Asked
    from inspections.models import Campaign

CAP = 999
CAMPAIGN_SECONDS = 60
RECENT = timedelta(days=8)
ACCOUNTING = (Capability.ACCOUNT_PROPOSE, Capability.ACCOUNT_DECIDE, Capability.ACCOUNT_REPLY)
SCORED = (
    Capability.REPORT_CREATE,
    Capability.ORDER_CHECK,
    Capability.LOOKBACK_RECORD,
    Capability.REPORT_FILE,
    Capability.CASE_DISPATCH,
)
"""Whose work the schemes of posts and of persons count."""


def register() -> None:
    """Called once when the app is ready."""
    from citymgmt.waiting import add_source
    from grids.access import access_of
    from inspections.services.document_templates import keeps_templates

    add_source(asked_of, about=access_of)

    def looks_back(user: User) -> bool:
        return access_of(user).can(Capability.LOOKBACK_RECORD)

    def reads_digests(user: User) -> bool:
        return access_of(user).can(Capability.DIGEST_VIEW)

    def accounts(user: User) -> bool:
        access = access_of(user)
        return any(access.can(each) for each in ACCOUNTING)

    def reports(user: User) -> bool:
        return access_of(user).can(Capability.REPORT_CREATE)

    add_person_link(PersonLink("inspections:phone_home", _("手机版"), reports))

    def is_scored(user: User) -> bool:
        access = access_of(user)
        return any(access.can(each) for each in SCORED)

    add_person_link(PersonLink("inspections:score_mine", _("我的考核"), is_scored))

    add_person_link(PersonLink("inspections:templates", _("文书模板"), keeps_templates))

    def oversees(user: User) -> bool:
        return begins_with_bureau(access_of(user))

    def knows_outings(user: User) -> bool:
        access = access_of(user)
        reads = access.can(Capability.DIGEST_VIEW) or plans_everywhere(access)
        return reads or bool(waiting_for(user)["outings"])

    # Everybody's day begins with one of the two.
    add_desk(Desk("inspections:home", _("今日"), "home", 1, 10, lambda user: not oversees(user)))
    add_desk(Desk("inspections:dashboard", _("今日"), "home", 1, 10, oversees))
    add_desk(
        Desk(
            "inspections:lookbacks",
            _("回头看"),
            "history",
            1,
            60,
            looks_back,
            lambda user: waiting_for(user)["lookbacks"] or None,
        )
    )

    def sees_cases(user: User) -> bool:
        return access_of(user).can(Capability.CASE_VIEW)

    add_desk(Desk("inspections:campaigns", _("专项行动"), "flag", 1, 70, sees_cases))
    add_desk(
        Desk("inspections:problem_ledgers", _("问题台帐"), "clipboard-list", 1, 72, sees_cases)
    )
    add_desk(
        Desk(
            "inspections:accountabilities",
            _("问责"),
            "alert-triangle",
            1,
            75,
            accounts,
            lambda user: waiting_for(user)["accounts"] or None,
        )
    )
    add_desk(
        Desk(
            "inspections:outings",
            _("督查"),
            "eye-check",
            1,
            70,
            knows_outings,
            lambda user: waiting_for(user)["outings"] or None,
        )
    )
    add_desk(
        Desk(
            "inspections:digests",
            _("督查专报"),
            "file-text",
            2,
            20,
            reads_digests,
            lambda user: waiting_for(user)["digests"] or None,
        )
    )
    add_desk(Desk("inspections:scores", _("考核通报"), "chart-bar", 2, 30, reads_digests))
    add_footer(campaign_lines)


def waiting_for(user: User) -> dict[str, int]:
    """Look-backs that the person may begin now, digests that wait for his signature, outings
    on which he goes, and what of accountability is his to decide or to answer.

    Counted once a request, together with everything else that waits for him.
    """
    from citymgmt.waiting import waiting

    return {"lookbacks": 0, "digests": 0, "outings": 0, "accounts": 0} | waiting(user)


def asked_of(user: User, at: datetime) -> "Asked":
    """What is to be counted for the person."""
    from grids.access import access_of
    from inspections.models import Accountability, Digest, LookBack, Outing

    access = access_of(user)
    going = Outing.objects.visible_to(access, at).to_go(user.pk)
    asked: dict[str, tuple[QuerySet, int]] = {"outings": (going, CAP)}
    if access.can(Capability.LOOKBACK_RECORD):
        asked["lookbacks"] = (LookBack.objects.to_look_at(at).filter(inspector_id=user.pk), CAP)
    if access.can(Capability.ACCOUNT_DECIDE):
        asked["accounts"] = (Accountability.objects.to_settle(access, at), CAP)
    elif access.can(Capability.ACCOUNT_REPLY):
        asked["accounts"] = (Accountability.objects.to_reply(access), CAP)
    if access.can(Capability.DIGEST_SIGN):
        drafts = Digest.objects.visible_to(access).drafts()
        # The teams' own are signed at leisure; the bureau's is waited for.
        asked["digests"] = (drafts.filter(team__isnull=True, until__gt=at - RECENT), CAP)
    return asked


def campaign_lines(user: User) -> list[str]:
    """Name of the running campaign, its day, and how long until the inspection."""
    day = clock.today()
    campaign = campaign_on(day)
    if campaign is None:
        return []
    words = say("第 %(day)s 天") % {"day": campaign.day_of(day)}
    left = campaign.days_left(day)
    if left is not None:
        words += say("，距迎检 %(left)s 天") % {"left": left}
    return [campaign.name, words]


def campaign_on(day: date) -> "Campaign | None":
    """The campaign that runs on a local day; asked for at most once in CAMPAIGN_SECONDS."""
    from inspections.facts import running_campaign

    key = f"campaign-on:{day}"
    try:
        kept = cache.get(key)
        if kept is None:
            kept = [running_campaign(day)]
            cache.set(key, kept, CAMPAIGN_SECONDS)
    # Without the cache it is asked for each time.
    except RedisError:
        kept = [running_campaign(day)]
    return kept[0]
