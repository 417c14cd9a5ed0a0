"""What was written of an accountability goes when its time is over; the decision and chain stay."""

from datetime import timedelta

import pytest

from cases.models import RetentionRule
from cases.services.evidence import verify_evidence
from inspections import tasks
from inspections.models import Accountability, AccountabilityEventText
from tests.city import NOW
from tests.inspections.test_accountability import decided, go, proposed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _rule(db):
    RetentionRule.objects.update_or_create(code="account_text", defaults={"days": 365})


def swept(hand, days: int) -> None:
    hand.to(NOW + days * DAY)
    tasks.sweep_accountability()


def words_of(row: Accountability) -> set[str]:
    row.refresh_from_db()
    return {row.ground, row.decision, row.reply, row.appeal, row.ending} - {""}


def test_words_of_what_is_over_go_after_their_days_and_the_chain_says_so(city, hand):
    over, waiting = decided(city), proposed(city, ground="还没有定的")
    go(city, over, "reply", by="leader", at=NOW + DAY)
    swept(hand, 366)
    assert len(words_of(over)) == 2
    swept(hand, 367)
    assert words_of(over) == set()
    assert words_of(waiting) == {"还没有定的"}
    assert (over.level, over.decided_by, over.state) == ("talk", city.viewer, "replied")
    last = over.events.order_by("seq").last()
    assert (last.name, last.payload["events"]) == ("account.erased", [1, 2, 3])
    texts = AccountabilityEventText.objects.filter(event__accountability=over)
    assert set(map(str, texts.values_list("body", flat=True))) == {"{}"}
    seq, version = over.head_seq, over.version
    swept(hand, 400)
    over.refresh_from_db()
    assert (over.head_seq, over.version) == (seq, version)
    assert list(verify_evidence()) == []


def test_words_that_went_without_the_chain_saying_so_are_found(city):
    row = decided(city)
    AccountabilityEventText.objects.filter(event__accountability=row).update(body={})
    assert [fault.why for fault in verify_evidence()] == ["blanked"]


def test_what_is_written_after_an_erasure_is_held_to_the_chain_again(city, hand):
    row = decided(city)
    go(city, row, "reply", by="leader", at=NOW + DAY)
    swept(hand, 367)
    Accountability.objects.filter(pk=row.pk).update(decision="另外写的")
    assert [(fault.subject, fault.why) for fault in verify_evidence()] == [(row.number, "column")]


def test_without_days_everything_is_kept(city, hand):
    RetentionRule.objects.update(days=None)
    row = decided(city)
    go(city, row, "reply", by="leader", at=NOW + DAY)
    swept(hand, 2000)
    assert words_of(row)


def test_the_page_of_an_erased_one_still_opens(city, as_, hand):
    row = decided(city)
    go(city, row, "reply", by="leader", at=NOW + DAY)
    swept(hand, 367)
    page = as_("viewer").get(f"/accountability/{row.number}/").content.decode()
    assert "文字保存到期，已抹去" in page
    assert as_("viewer").get(f"/accountability/{row.number}/sheet/").status_code == 200
