"""The constraints of scores and of what is public: see constraints."""

from datetime import date
from decimal import Decimal

from inspections.models import (
    PublicityTerms,
    ScoreCases,
    ScoreLine,
    ScoreScheme,
    ScoreSchemeVersion,
    ScoreSheet,
)
from tests.city import NOW, City
from tests.house.constraints import Pair, adding, breaks, changing, inserted
from tests.house.constraints_templates import PAIRS


def _sheet(**changes: object) -> ScoreSheet:
    scheme = ScoreScheme.objects.get(group="team")
    told = {
        "scheme": scheme,
        "scheme_version": scheme.versions.get(),
        "period": "month",
        "first_day": date(2026, 10, 1),
        "last_day": date(2026, 10, 31),
        "until": NOW,
        "computed_at": NOW,
    }
    return ScoreSheet.objects.create(**(told | changes))


def _line() -> ScoreLine:
    return ScoreLine.objects.create(sheet=_sheet(), key="1", name="古城中队")


@breaks("publicity_terms_one")
def one_row_of_what_is_public(city: City) -> Pair:
    PublicityTerms.objects.all().delete()
    return (
        lambda: PublicityTerms.objects.create(pk=1),
        lambda: PublicityTerms.objects.create(pk=2),
    )


@breaks("score_scheme_once")
def one_scheme_a_name(city: City) -> Pair:
    row = ScoreScheme.objects.get(group="team")
    other = ScoreScheme(name="另一个", group="team")
    return adding(other, {"name": row.name})


@breaks("score_version_once")
def one_version_a_number(city: City) -> Pair:
    row = ScoreSchemeVersion.objects.get(scheme__group="team")
    return lambda: inserted(row, number=2), lambda: inserted(row)


@breaks("score_sheet_edition_once")
def one_sheet_an_edition(city: City) -> Pair:
    row = _sheet(state="closed", closed_at=NOW, closed_by=city.supervisor)
    return lambda: inserted(row, period="quarter"), lambda: inserted(row)


@breaks("score_sheet_one_draft")
def one_draft_a_period(city: City) -> Pair:
    row = _sheet(state="closed", closed_at=NOW, closed_by=city.supervisor)
    second = ScoreSheet(
        scheme=row.scheme,
        scheme_version=row.scheme_version,
        period="month",
        first_day=row.first_day,
        last_day=row.last_day,
        edition=2,
        corrects=row,
        reason="误立",
        until=NOW,
        computed_at=NOW,
    )

    def again() -> None:
        inserted(second, edition=3, corrects=ScoreSheet.objects.get(edition=2))

    return lambda: inserted(second), again


@breaks("score_sheet_has_days")
def a_period_ends_after_it_begins(city: City) -> Pair:
    row = _sheet()
    return changing(row, {"last_day": row.first_day}, {"last_day": date(2026, 9, 30)})


@breaks("score_sheet_closed_by_somebody")
def somebody_closed_it(city: City) -> Pair:
    return changing(_sheet(), {"version": 2}, {"state": "closed", "closed_at": NOW})


@breaks("score_sheet_correction_says_why")
def a_correction_says_why(city: City) -> Pair:
    row = _sheet(state="closed", closed_at=NOW, closed_by=city.supervisor)
    second = _sheet(edition=2, corrects=row, reason="误立")
    return changing(second, {"reason": "另一件"}, {"reason": ""})


@breaks("score_line_once")
def one_line_an_object(city: City) -> Pair:
    row = _line()
    other = ScoreLine(sheet=row.sheet, key="2", name="大洋中队")
    return adding(other, {"key": "1"})


@breaks("score_line_without_points_has_no_rank")
def a_place_has_points(city: City) -> Pair:
    right = {"points": Decimal("70.0"), "rank": 1, "grade": "C"}
    return changing(_line(), right, {"points": None})


@breaks("score_line_small_is_not_ranked")
def a_small_sample_has_no_place(city: City) -> Pair:
    small = {"points": Decimal("70.0"), "is_small": True}
    return changing(_line(), small, {"rank": 1})


@breaks("score_cases_once")
def one_list_a_figure(city: City) -> Pair:
    row = ScoreCases.objects.create(line=_line(), figure="filed", ids=[1])
    return lambda: inserted(row, figure="closed"), lambda: inserted(row)


__all__ = ["PAIRS"]
