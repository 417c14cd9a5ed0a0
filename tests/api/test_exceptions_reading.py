"""What the API tells of a case on which exceptions were made."""

import pytest

from tests import builders
from tests.api.conftest import at_most
from tests.cases.test_exceptions_page import busy

pytestmark = pytest.mark.django_db


def test_a_case_tells_what_was_asked_ordered_and_joined(api, city):
    case = busy(city)
    machine = api("supervisor")
    with at_most(16):
        told = machine.get(f"/cases/{case.number}/").json()
    assert [(row["kind"], row["state"]) for row in told["requests"]] == [
        ("extension", "asked"),
        ("suspension", "withdrawn"),
    ]
    assert told["supervisions"][0]["reason"] == "省里点名"
    assert [row["answer"] for row in told["instructions"]] == ["今晚办完", ""]
    assert told["joined"] == [case.joined.get().number]
    assert (told["is_watched"], told["watch_count"], told["open_instructions"]) == (True, 1, 1)
    assert [(row["is_lead"], row["clock_text"]) for row in told["orders"]] == [
        (True, "剩 2 小时"),
        (False, "剩 2 小时 5 分"),
    ]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("suspended", {"suspended_until": "2026-11-30", "closing": ""}),
        ("forced", {"closing": "forced", "closing_label": "强制结案", "on_time": False}),
        ("voided", {"closing": "", "state_label": "已作废"}),
    ],
)
def test_a_case_tells_how_it_rests_or_ended(api, city, state, said):
    case = getattr(builders, state)(city)
    told = api("viewer").get(f"/cases/{case.number}/").json()
    assert said.items() <= told.items()


def test_a_joined_case_names_its_lead(api, city):
    case = builders.merged(city)
    told = api("viewer").get(f"/cases/{case.number}/").json()
    assert told["merged_into"] == case.merged_into.number
