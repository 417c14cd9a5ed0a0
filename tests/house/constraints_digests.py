"""The constraints of digests, their corrections and when they are composed, and of views that are
told at set times: see constraints."""

from cases.services.saved_views import save_view
from inspections.models import DigestFigure, DigestSchedule, ViewSubscription
from tests.city import NOW, City
from tests.house.constraints import Pair, adding, breaks, digest, inserted
from tests.house.constraints_patrols import PAIRS


def signed(**said: object) -> dict[str, object]:
    """What a signed digest has."""
    return {"state": "signed", "issue": 1, "signed_at": NOW, **said}


@breaks("digest_corrected_once")
def a_digest_is_corrected_once(city: City) -> Pair:
    row = digest()
    row.corrects, row.reason = inserted(digest(), **signed()), "责任单位写错"
    return adding(row, {"remarks": "x"})


@breaks("digest_correction_says_why")
def a_correction_says_why(city: City) -> Pair:
    row = digest()
    row.corrects, row.reason = inserted(digest(), **signed()), "责任单位写错"
    other = inserted(digest(), **signed(kind="weekly"))
    return adding(row, {"corrects": other, "reason": ""})


@breaks("digest_seal_of_signed")
def only_a_signed_digest_has_a_seal(city: City) -> Pair:
    row = digest()
    for name, value in signed(seal="a" * 64, paper={}).items():
        setattr(row, name, value)
    return adding(row, {"kind": "weekly", "state": "draft", "issue": None, "signed_at": None})


@breaks("digest_schedule_one")
def a_kind_has_one_schedule_a_scope(city: City) -> Pair:
    return adding(DigestSchedule(kind="daily"), {"hour": 17})


@breaks("digest_schedule_times")
def a_schedule_has_times_that_there_are(city: City) -> Pair:
    return adding(DigestSchedule(kind="daily"), {"for_teams": True, "hour": 24})


@breaks("digest_schedule_skips_short")
def months_are_never_left_out(city: City) -> Pair:
    row = DigestSchedule(kind="weekly", skips_rest=True)
    return adding(row, {"kind": "monthly"})


@breaks("digest_figure_once")
def a_figure_has_its_cases_once(city: City) -> Pair:
    row = DigestFigure(digest=inserted(digest()), name="filed", cases=[1])  # type: ignore[misc]
    return adding(row, {"cases": [2]})


def subscription(city: City) -> ViewSubscription:
    """The leader hears of a view of his each day."""
    view = save_view(actor=city.leader, at=NOW, name="在办", query="tab=open")
    return ViewSubscription(view=view, user=city.leader, next_at=NOW)  # type: ignore[misc]


@breaks("view_subscription_once")
def a_view_is_told_to_somebody_once(city: City) -> Pair:
    return adding(subscription(city), {"hour": 9})


@breaks("view_subscription_times")
def a_view_is_told_at_times_that_there_are(city: City) -> Pair:
    return adding(subscription(city), {"user": city.officer, "weekday": 8})


__all__ = ["PAIRS"]
