"""A digest edited in its page: what is kept, what is flagged, who was first; signed, corrected."""

import json
import uuid
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO

import docx
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from openpyxl import load_workbook

from citymgmt.errors import BadTransition, Conflict, DomainError
from inspections.digest_text import words_of
from inspections.facts import Period, Scope, read
from inspections.models import Digest, DigestFigure, ScoreCases, ScoreScheme
from inspections.papers import paper_of
from inspections.papers.building import parts_of
from inspections.papers.differences import pieces
from inspections.papers.hints import checks_of, hints_of, unknown_numbers
from inspections.papers.marks import counts_in
from inspections.papers.shapes import Line
from inspections.services.digest_editing import Draft, answer_hint, save_draft
from inspections.services.digest_signing import correct_digest, drop_correction, sign_digest
from inspections.services.digests import compose_digest, counted
from inspections.services.scores import compose_sheet, recount_sheet
from tests import builders
from tests.city import LOCAL, NOW
from tests.inspections.test_hot_spots import spilled

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)
LATER = UNTIL + timedelta(hours=1)


@pytest.fixture
def digest(city, hand):
    """The bureau's digest of a day: one case closed with both photos, two that are late."""
    builders.closed(city)
    builders.issued(city)
    builders.issued(city, team="dayang", person="other_officer", address="东湖路 18 号")
    hand.to(UNTIL + timedelta(minutes=5))
    return compose_digest(team_id=None, until=UNTIL, at=hand())


def kept(city, digest, *, version=None, **changes):
    draft = Draft(**{"remarks": "", **changes})
    return save_draft(
        digest_id=digest.pk,
        actor=city.supervisor,
        at=LATER,
        version=version or digest.version,
        draft=draft,
    )


def signed(city, digest, **changes):
    asked = {"version": digest.version, "remarks": "一是补查。"} | changes
    sign_digest(digest_id=digest.pk, actor=city.supervisor, at=LATER, **asked)
    rows = Digest.objects.select_related("team", "signed_by", "edited_by", "corrects")
    return rows.get(pk=digest.pk)


def corrected(city, digest, **changes):
    asked = {"version": digest.version, "reason": "责任单位应为大洋中队"} | changes
    return correct_digest(digest_id=digest.pk, actor=city.supervisor, at=LATER, **asked)


def words(digest):
    return [b.plain for part in paper_of(digest).parts for b in part.blocks if not b.is_table]


def post(client, digest, what, **form):
    form = {"idempotency_key": str(uuid.uuid4()), "version": digest.version, "remarks": "", **form}
    return client.post(f"/digests/{digest.pk}/{what}/", form)


# --- Words ------------------------------------------------------------------------------------


def test_a_paragraph_is_changed_left_out_and_brought_back(city, digest):
    own = "本期交办问题 3 处，多在早上。"
    changed = kept(city, digest, lines={"problems.intro": own, "lookbacks.intro": ""})
    assert own in words(changed)
    assert not [text for text in words(changed) if "回头看" in text]
    assert "本期交办问题 3 处，列表如下。" in [
        block.composed_plain
        for part in parts_of(changed)
        for block in part.blocks
        if not block.is_table
    ]
    again = kept(city, changed, lines={"problems.intro": "本期交办问题 3 处，列表如下。"})
    assert again.edits == {}


def test_numbers_that_the_ledger_does_not_have_are_flagged(city, digest):
    changed = kept(
        city,
        digest,
        lines={
            "problems.intro": "交办 3 处，其中夜间 77 处，第 9 次，12 月 1 日前办完紫阳街 118 号。"
        },
        added={"overall": ["又派出 3 组。"]},
    )
    assert unknown_numbers(parts_of(changed)) == ["77"]
    check = checks_of(changed, set())[0]
    assert (check.fine, check.named) == (False, ("77",))
    problems = next(part for part in parts_of(changed) if part.key == "problems")
    assert [run.figure for run in problems.blocks[0].runs if run.figure] == ["problems", "?"]
    frozen = signed(city, changed)
    assert "77 处" in " ".join(words(frozen))
    assert "?" not in json.dumps(frozen.paper["parts"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11 月 20 日 8 时至 10 时，96 处", ["96"]),
        ("占 28.1%（27/96）", ["28.1%", "27", "96"]),
        ("紫阳街 118 号，第 3 次，超 4 米", []),
        ("近 7 天 1050 件，得 92.5 分", ["1050"]),
    ],
)
def test_dates_and_house_numbers_are_no_counts(text, found):
    assert [match[0] for match in counts_in(text)] == found


def test_what_was_changed_is_told_piece_by_piece():
    told = pieces("共发现店外经营数量较多。", "共发现店外经营 27 处。")
    assert "".join(piece.text for piece in told if not piece.is_new) == "共发现店外经营数量较多。"
    assert "".join(piece.text for piece in told if not piece.is_gone) == "共发现店外经营 27 处。"
    assert [piece.kind for piece in told] == ["same", "gone", "new", "same"]


def test_what_is_typed_is_bounded_and_holds_no_marks(city, digest):
    changed = kept(city, digest, lines={"problems.intro": "交办\ue000x\ue0019\ue002处"})
    assert changed.edits["lines"]["problems.intro"] == "交办x9处"
    for wrong in (
        {"lines": {"problems.intro": "字" * 2001}},
        {"added": {"overall": ["一段"] * 11}},
        {"photos": [(str(uuid.uuid4()), "")]},
    ):
        with pytest.raises(DomainError):
            kept(city, changed, **wrong)


def test_the_checklist_names_what_is_missing(city, digest):
    checks = {check.label: check for check in checks_of(digest, set())}
    assert checks["超时单位都点到名"].named == ("古城中队", "大洋中队")
    assert not checks["照片都在"].fine
    assert not checks["还没写工作要求"].fine
    changed = kept(city, digest, remarks="一是古城中队、大洋中队当天办完。")
    assert {check.label for check in checks_of(changed, set()) if check.fine} >= {
        "超时单位都点到名",
        "写了工作要求",
    }


def test_what_may_be_missing_is_written_or_left_out_once(city, digest):
    first, second = hints_of(digest)
    assert "逾期未整改到位" in first.sentence
    asked = {"digest_id": digest.pk, "actor": city.supervisor, "at": LATER}
    row = answer_hint(**asked, version=digest.version, hint=first.key, writes=True)
    assert first.sentence in words(row)
    row = answer_hint(**asked, version=row.version, hint=second.key, writes=False)
    assert second.sentence not in words(row)
    assert hints_of(row) == []
    with pytest.raises(DomainError, match="已经处理过"):
        answer_hint(**asked, version=row.version, hint=second.key, writes=True)


def test_a_hot_spot_that_no_paragraph_names_may_be_missing_too(city, hand, as_):
    for days in (2, 1, 0):
        spilled(city, day=-days)
    hand.to(UNTIL + timedelta(minutes=5))
    digest = compose_digest(team_id=None, until=UNTIL, at=hand())
    assert not any(hint.key.startswith("spot:") for hint in hints_of(digest))
    # Whoever takes the paragraph out that names it is asked.
    lines = [b for part in parts_of(digest) for b in part.blocks if isinstance(b, Line)]
    named = {line.key: "" for line in lines if "紫阳街 118 号" in line.plain}
    digest = kept(city, digest, lines=named)
    (spot,) = [hint for hint in hints_of(digest) if hint.key.startswith("spot:")]
    assert spot.sentence == "紫阳街 118 号店外经营反复发生，已 3 次。"
    assert spot.sentence in as_("supervisor").get(f"/digests/{digest.pk}/").content.decode()
    asked = {"digest_id": digest.pk, "actor": city.supervisor, "at": LATER}
    row = answer_hint(**asked, version=digest.version, hint=spot.key, writes=True)
    assert spot.sentence in words(row)
    assert spot.key not in {hint.key for hint in hints_of(row)}


def test_photos_stand_as_they_were_chosen_with_good_and_bad_examples(city, digest):
    shown = [picture.photo_id for picture in paper_of(digest).pictures]
    changed = kept(city, digest, photos=[(shown[1], "good"), (shown[2], "bad")])
    captions = [picture.caption for picture in paper_of(changed).pictures]
    assert captions[0].startswith("图 1　【正面典型】")
    assert captions[1].startswith("图 2　【反面典型】")
    assert len(captions) == 2


def test_units_stand_in_the_order_that_was_set(city, digest):
    names = [line.name for line in paper_of(digest).teams]
    teams = [city.teams["dayang"].pk, city.teams["gucheng"].pk]
    if names[0] == "大洋中队":
        teams.reverse()
    changed = kept(city, digest, units=teams)
    assert [line.name for line in paper_of(changed).teams] == names[::-1]
    table = next(b for b in paper_of(changed).parts[0].blocks if b.is_table)
    assert [row[0].text for row in table.rows] == names[::-1]


# --- The page ---------------------------------------------------------------------------------


def test_the_page_saves_by_itself_and_tells_a_repeat_from_a_conflict(as_, digest):
    client = as_("supervisor")
    line = {"line-problems.intro": "交办 3 处，其中夜间 77 处。"}
    form = {"idempotency_key": str(uuid.uuid4()), "version": 1, "remarks": "一是。", **line}
    path = f"/digests/{digest.pk}/edit/"
    first = client.post(path, form, headers={"Accept": "application/json"})
    again = client.post(path, form, headers={"Accept": "application/json"})
    assert (first.json()["version"], again.json()["version"]) == (2, 2)
    assert "77" in first.json()["html"]
    form["idempotency_key"] = str(uuid.uuid4())
    late = client.post(path, form, headers={"Accept": "application/json"})
    assert late.status_code == 409
    assert "刚被别人改过" in late.json()["error"]
    form |= {"idempotency_key": str(uuid.uuid4()), "line-problems.intro": "别处写的另一句。"}
    page = client.post(path, form)
    assert page.status_code == 409
    assert "别处写的另一句。</textarea>" in page.content.decode()
    digest.refresh_from_db()
    assert digest.edits["lines"]["problems.intro"] == "交办 3 处，其中夜间 77 处。"


def test_without_a_script_all_is_saved_ordered_restored_and_signed(as_, digest):
    client = as_("supervisor")
    shown = [picture.photo_id for picture in paper_of(digest).pictures]
    form = {
        "edits": "1",
        "line-problems.intro": "交办 3 处。",
        "added-overall": ["", "又一段。"],
        f"order-{shown[0]}": "2",
        f"order-{shown[1]}": "1",
        f"order-{shown[2]}": "",
    }
    assert post(client, digest, "edit", **form).status_code == 302
    digest.refresh_from_db()
    assert [photo for photo, _mark in digest.edits["photos"]] == [shown[1], shown[0]]
    assert digest.edits["added"] == {"overall": ["又一段。"]}
    assert post(client, digest, "edit", restore="problems.intro").status_code == 302
    digest.refresh_from_db()
    assert "lines" not in digest.edits
    assert post(client, digest, "sign", remarks="一是。", **form).status_code == 302
    digest.refresh_from_db()
    assert (digest.issue, digest.paper["problems_intro"]) == (1, "交办 3 处。")
    refused = post(client, digest, "edit", **form)
    assert refused.status_code == 409


def test_a_figure_leads_to_exactly_its_cases(as_, digest):
    rows = Digest.objects.get(pk=digest.pk).figures["problems"]["rows"]
    numbers = {row["number"] for row in rows}
    page = as_("viewer").get(f"/digests/{digest.pk}/figures/problems/")
    assert {case.number for case in page.context["rows"]} == numbers
    assert f'href="/digests/{digest.pk}/figures/closed/"' in (
        as_("viewer").get(f"/digests/{digest.pk}/").content.decode()
    )
    assert as_("viewer").get(f"/digests/{digest.pk}/figures/nothing/").status_code == 404
    team = compose_digest(team_id=digest.figures["teams"][0]["team"], until=UNTIL, at=LATER)
    assert as_("other_officer").get(f"/digests/{team.pk}/figures/filed/").status_code == 404


def test_dashboard_digest_score_file_list_and_export_of_a_day_are_equal(as_, city, digest, hand):
    """Of a day before which nothing was filed; the dashboard five minutes after its digest."""
    client = as_("supervisor")
    board = client.get("/dashboard/").context["figures"]
    shown = {figure.key: figure.value for figure in board}
    page = client.get(f"/digests/{digest.pk}/").content.decode()
    file = docx.Document(BytesIO(client.get(f"/digests/{digest.pk}/docx/").content))
    in_word = next(each.text for each in file.paragraphs if "共上报" in each.text)
    figures = {name: figure.now for name, figure in read(hand(), Scope()).figures.items()}
    asked = {"filed": "filed_from=2026-11-20", "overdue": "tab=overdue", "open": "tab=open"}
    for name, query in asked.items():
        count = digest.figures["totals"][name]
        listed = client.get(f"/cases/?{query}").context["total"]
        form = {"idempotency_key": str(uuid.uuid4()), "format": "xlsx", "query": query}
        export = b"".join(client.post("/cases/export/", form).streaming_content)
        rows = load_workbook(BytesIO(export)).active.max_row - 1
        behind = client.get(f"/digests/{digest.pk}/figures/{name}/").context["count"]
        assert (figures[name], listed, rows, behind) == (count,) * 4, name
        assert shown.get(name, count) == count
        assert f'figures/{name}/">{count}</a>' in page
        assert str(count) in in_word
    assert {"filed", "overdue"} <= set(shown)
    assert figures["filed"] == 3
    names = ("reported", "closed", "dispatched")
    assert [digest.figures["totals"][name] for name in names] == [figures[n] for n in names]
    _scores_are_equal(city, digest, hand())


def _scores_are_equal(city, digest, at):
    """The running month, counted now, is that one day."""
    scheme = ScoreScheme.objects.get(group="team")
    sheet = compose_sheet(scheme_id=scheme.pk, period="month", first_day=date(2026, 11, 1), at=NOW)
    assert sheet.lines.filter(points__isnull=False).count() == 0
    sheet = recount_sheet(sheet_id=sheet.pk, actor=city.supervisor, at=at, version=sheet.version)
    scored = {line.key: line.figures for line in sheet.lines.all()}
    teams = digest.figures["teams"]
    assert {row["name"] for row in teams} == {"古城中队", "大洋中队"}
    for row in teams:
        ours = scored[str(row["team"])]
        told = [ours.get(name, 0) for name in ("closed", "closed_on_time", "overdue")]
        assert told == [row["closed"], row["on_time"], row["overdue"]], row["name"]
    for name in ("filed", "submitted", "closed", "closed_on_time", "overdue"):
        behind = DigestFigure.objects.get(digest=digest, name=name).cases
        rows = ScoreCases.objects.filter(line__sheet=sheet, figure=name)
        assert {pk for row in rows for pk in row.ids} == set(behind), name


# --- Signed, sealed, corrected ----------------------------------------------------------------


def test_the_words_for_a_group_hold_every_part_of_any_kind(city, digest):
    builders.closed(city)
    monday = datetime(2026, 11, 23, tzinfo=LOCAL)
    weekly = compose_digest(kind="weekly", team_id=None, until=monday, at=monday)
    for row, part in ((digest, "三、往期问题回头看"), (weekly, "一、上期整改效果")):
        told = words_of(paper_of(row))
        assert part in told
        assert "1. " in told


def test_a_signed_digest_is_frozen_word_by_word_and_sealed(city, digest, as_):
    row = signed(city, kept(city, digest, lines={"problems.intro": "交办 3 处。"}))
    before = words(row)
    # Whatever the program says later, it says what was signed.
    row.figures["totals"]["closed"] = 99
    assert words(row) == before
    assert len(row.seal) == 64
    assert row.seal in as_("viewer").get(f"/digests/{row.pk}/").content.decode()
    for change in (
        lambda: Digest.objects.filter(pk=row.pk).update(remarks="改"),
        lambda: Digest.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="is signed"), transaction.atomic():
            change()


def test_the_seals_are_verified_and_name_what_was_changed_behind_them(city, digest):
    row = signed(city, digest)
    said = StringIO()
    call_command("verify_digests", stdout=said)
    assert "1 期，全部与校验值一致" in said.getvalue()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE inspections_digest SET issue = 7 WHERE id = %s", [row.pk])
        cursor.execute("SET session_replication_role = origin")
    said = StringIO()
    with pytest.raises(CommandError, match="1 期与校验值不一致"):
        call_command("verify_digests", stdout=said)
    assert f"专报 {row.pk}：数字、文字或期号与签发时不同" in said.getvalue()


def test_a_correction_is_a_new_issue_that_names_the_old_which_stays(city, digest, as_):
    old = signed(city, kept(city, digest, lines={"problems.intro": "交办 3 处。"}))
    before = words(old)
    fresh = corrected(city, old)
    assert (fresh.state, fresh.edits, fresh.figures) == ("draft", old.edits, old.figures)
    assert DigestFigure.objects.filter(digest=fresh).count() == (
        DigestFigure.objects.filter(digest=old).count()
    )
    new = signed(city, fresh)
    assert (new.issue, new.total_issue) == (2, 2)
    paper = paper_of(new)
    assert paper.corrected == (
        "本期更正第 1 期（总第 1 期）（2026 年 11 月 20 日签发）：责任单位应为大洋中队"
    )
    assert paper.title.endswith("（更正）")
    assert words(Digest.objects.get(pk=old.pk)) == before
    page = as_("viewer").get(f"/digests/{old.pk}/").content.decode()
    assert "这一期已更正" in page
    assert f"/digests/{new.pk}/" in page
    with pytest.raises(Conflict, match="已经更正过"):
        corrected(city, old)


def test_a_correction_may_count_anew_or_be_given_up(city, digest):
    old = signed(city, digest)
    builders.closed(city, at=NOW + timedelta(minutes=5))
    fresh = corrected(city, old, recounts=True)
    assert fresh.figures["totals"]["closed"] == old.figures["totals"]["closed"] + 1
    drop_correction(digest_id=fresh.pk, actor=city.supervisor, at=LATER, version=1)
    assert list(Digest.objects.all()) == [old]
    with pytest.raises(DomainError, match="写明更正了什么"):
        corrected(city, old, reason=" ")


def test_the_next_one_is_compared_with_what_was_signed_and_not_with_what_is_being_written(
    city, digest
):
    old = signed(city, digest)
    builders.closed(city, at=NOW + timedelta(minutes=5))
    fresh = corrected(city, old, recounts=True)
    tomorrow = Period(UNTIL, UNTIL + timedelta(days=1))

    def closed_before():
        return counted("daily", tomorrow, LATER)[0]["previous"]["closed"]

    assert (closed_before(), fresh.figures["totals"]["closed"]) == (1, 2)
    signed(city, fresh)
    assert closed_before() == 2


def test_only_a_signed_one_is_corrected_and_none_in_time_dropped(city, digest):
    with pytest.raises(BadTransition, match="直接改就行"):
        corrected(city, digest)
    with pytest.raises(BadTransition, match="不能撤"):
        drop_correction(digest_id=digest.pk, actor=city.supervisor, at=LATER, version=1)


def test_the_editor_and_the_figure_page_ask_few_statements(
    as_, digest, django_assert_max_num_queries
):
    client = as_("supervisor")
    with django_assert_max_num_queries(17):
        client.get(f"/digests/{digest.pk}/")
    with django_assert_max_num_queries(12):
        client.get(f"/digests/{digest.pk}/figures/filed/")
