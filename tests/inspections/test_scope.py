"""Who sees which look-backs and digests."""

import pytest

from citymgmt.choices import Capability, PhotoKind
from citymgmt.models import Role
from grids.access import access_of, forget_access
from grids.models import Area, Assignment, Grant
from inspections.models import Digest, LookBack
from inspections.services.digests import compose_digest, cutoff
from inspections.services.lookbacks import record_lookback
from tests import builders
from tests.city import IN_THIRD_CELL, LONG_AGO, NOW

pytestmark = pytest.mark.django_db


def seen(user, rows):
    forget_access(user)
    return set(rows.objects.visible_to(access_of(user)))


def grant(user, *capabilities, own_only=False, **where):
    role, _made = Role.objects.get_or_create(
        code="-".join(capabilities)[:30],
        defaults={"name": "试", "capabilities": list(capabilities), "own_only": own_only},
    )
    Grant.objects.create(user=user, role=role, valid_from=LONG_AGO, **where)


class TestDigests:
    @pytest.fixture
    def digests(self, city) -> dict[str, Digest]:
        builders.issued(city)
        return {
            name: compose_digest(
                team_id=city.teams[name].pk if name != "bureau" else None,
                until=cutoff(NOW),
                at=NOW,
            )
            for name in ("bureau", "gucheng", "dayang")
        }

    @pytest.mark.parametrize(
        ("where", "own_only", "wanted"),
        [
            ((), False, {"bureau", "gucheng", "dayang"}),
            (("team",), False, {"gucheng"}),
            (("area",), False, set()),
            (("team", "area"), False, set()),
            ((), True, set()),
            (("team",), True, set()),
        ],
    )
    def test_a_grant_reaches_digests_as_far_as_it_is_narrowed(
        self, city, as_, digests, where, own_only, wanted
    ):
        places = {"team": city.teams["gucheng"], "area": Area.objects.get(level="street")}
        grant(
            city.stranger,
            Capability.DIGEST_VIEW,
            own_only=own_only,
            **{name: places[name] for name in where},
        )
        assert seen(city.stranger, Digest) == {digests[name] for name in wanted}
        statuses = {
            name: as_("stranger").get(f"/digests/{row.pk}/").status_code
            for name, row in digests.items()
        }
        assert statuses == {name: 200 if name in wanted else 404 for name in digests}


class TestLookBacks:
    def test_whose_case_it_is_sees_its_look_backs(self, city, planned):
        lookback = planned()
        assert seen(city.officer, LookBack) >= {lookback}
        assert seen(city.cleaner, LookBack) >= {lookback}
        assert seen(city.other_officer, LookBack) == set()
        Assignment.objects.filter(person=city.cleaner).update(person=city.other_officer)
        assert seen(city.other_officer, LookBack) >= {lookback}
        assert seen(city.cleaner, LookBack) == set()

    def test_who_reported_sees_them_too(self, city, planned):
        lon, lat = IN_THIRD_CELL
        lookback = planned(team="dayang", person="other_officer", lon=lon, lat=lat)
        assert lookback.case.reporter == city.officer
        assert seen(city.officer, LookBack) >= {lookback}
        assert seen(city.leader, LookBack) == set()

    def test_originals_are_addressed_where_the_right_holds(self, city, as_, planned):
        grant(city.viewer, Capability.PHOTO_ORIGINAL, team=city.teams["gucheng"])
        lon, lat = IN_THIRD_CELL
        for lookback, here in (
            (planned(), True),
            (planned(team="dayang", person="other_officer", lon=lon, lat=lat), False),
        ):
            inspector, at = lookback.inspector, lookback.opens_at
            photo = builders.photo(inspector, kind=PhotoKind.RECHECK, seed=5, at=at)
            record_lookback(
                lookback_id=lookback.pk,
                actor=inspector,
                at=at,
                version=None,
                move="held",
                note="",
                photo_ids=[photo.pk],
            )
            page = as_("viewer").get(f"/lookbacks/{lookback.pk}/").context
            sides = page["photos"]
            shown = [view for side in sides.values() for view in side]
            part = as_("viewer").get(f"/cases/{lookback.case.number}/lookbacks/")
            shown += next(
                views for row, views in part.context["lookbacks"] if row.pk == lookback.pk
            )
            assert len(shown) == 4
            assert {bool(view.original_url) for view in shown} == {here}
