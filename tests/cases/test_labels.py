"""Labels: words of the bureau on cases, seen in the list and on the page, found by."""

import uuid

import pytest

from cases.models import Case, CaseEvent, Label
from cases.options import label_options
from cases.services.labelling import MOST_LABELS, label_case, unlabel_case
from citymgmt.errors import DomainError, Forbidden
from tests import builders
from tests.city import NOW, City

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _read_anew() -> None:
    label_options.forget()


def put(city: City, case: Case, label: Label, *, by: str = "dispatcher") -> Case:
    given = {"actor": city.people[by], "at": NOW, "version": None, "label_id": label.pk}
    return label_case(case_id=case.pk, **given)


def test_a_label_is_an_event_and_stands_on_the_case_until_it_is_taken_off(city):
    case, label = builders.case(city), Label.objects.create(name="国卫必查")
    put(city, case, label)
    unlabel_case(case_id=case.pk, actor=city.supervisor, at=NOW, version=None, label_id=label.pk)
    case.refresh_from_db()
    assert case.label_ids == []
    events = CaseEvent.objects.filter(case=case, payload__label=label.pk).order_by("seq")
    assert [event.name for event in events] == ["case.labelled", "case.unlabelled"]
    assert case.version == 1


def test_a_label_stands_once_and_ten_are_enough(city):
    case = builders.case(city)
    labels = [Label.objects.create(name=f"第 {n} 类") for n in range(MOST_LABELS + 1)]
    for label in labels[:MOST_LABELS]:
        put(city, case, label)
    with pytest.raises(DomainError, match="已经有这个标签"):
        put(city, case, labels[0])
    with pytest.raises(DomainError, match="最多 10 个标签"):
        put(city, case, labels[-1])


def test_a_label_that_is_switched_off_is_not_put_on_but_taken_off(city):
    case, label = builders.case(city), Label.objects.create(name="旧活动")
    put(city, case, label)
    Label.objects.update(is_active=False)
    with pytest.raises(DomainError, match="请选择标签"):
        put(city, builders.case(city), label)
    unlabel_case(case_id=case.pk, actor=city.supervisor, at=NOW, version=None, label_id=label.pk)


def test_an_officer_puts_no_labels(city):
    label = Label.objects.create(name="国卫必查")
    with pytest.raises(Forbidden):
        put(city, builders.issued(city).case, label, by="officer")


def test_labels_are_shown_in_the_list_and_on_the_page_and_told_in_the_timeline(city, as_):
    case = builders.case(city)
    put(city, case, Label.objects.create(name="国卫必查", tone="warn"))
    browser = as_("dispatcher")
    chip = '<span class="mark tone-warn apart">国卫必查</span>'
    assert chip in browser.get("/cases/").content.decode()
    html = browser.get(f"/cases/{case.number}/").content.decode()
    assert chip in html
    assert "打上标签 国卫必查" in html


def test_the_list_is_narrowed_by_labels(city, as_):
    first, second, _other = (builders.case(city) for _ in range(3))
    labels = [Label.objects.create(name=name) for name in ("国卫必查", "紫阳街整治")]
    put(city, first, labels[0])
    put(city, second, labels[1])
    browser = as_("dispatcher")
    for asked, found in (([labels[0]], {first}), (labels, {first, second})):
        page = browser.get("/cases/", {"label": [label.pk for label in asked]})
        assert {row.case for row in page.context["rows"]} == found
    assert "标签 国卫必查、紫阳街整治" in page.content.decode()


def test_the_page_offers_the_labels_that_are_not_on_the_case_and_takes_off_those_that_are(
    city, as_
):
    case = builders.case(city)
    on, off = (Label.objects.create(name=name) for name in ("国卫必查", "紫阳街整治"))
    put(city, case, on)
    browser = as_("dispatcher")
    dialogs = {box.act.key: box for box in browser.get(f"/cases/{case.number}/").context["dialogs"]}
    offered = {
        key: [text for _value, text in dialogs[key].form.fields["label"].widget.choices][1:]
        for key in ("label", "unlabel")
    }
    assert offered == {"label": ["紫阳街整治"], "unlabel": ["国卫必查"]}
    typed = {"label": off.pk, "version": case.version, "idempotency_key": str(uuid.uuid4())}
    assert browser.post(f"/cases/{case.number}/label/", typed).status_code == 302
    assert Case.objects.get(pk=case.pk).label_ids == [on.pk, off.pk]


def test_where_the_bureau_has_no_labels_none_are_offered(city, as_):
    page = as_("dispatcher").get(f"/cases/{builders.case(city).number}/")
    keys = {box.act.key for box in page.context["dialogs"]}
    assert not keys & {"label", "unlabel"}


def test_the_administrator_keeps_the_labels(city, as_):
    typed = {"name": "国卫必查", "tone": "warn", "is_active": "on"}
    assert as_("admin").post("/admin/cases/label/add/", typed).status_code == 302
    assert Label.objects.get().name == "国卫必查"
