"""Weekly, monthly, quarterly documents: when they end, what they say, how they catch up."""

import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import docx
import pytest

from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.services.years import load_years
from inspections import tasks
from inspections.digest_periods import (
    DAILY,
    MONTHLY,
    QUARTERLY,
    WEEKLY,
    YEARLY,
    Span,
    Timing,
    year_before,
)
from inspections.documents import document_of
from inspections.models import Campaign, Digest, DigestFigure, DigestSchedule
from inspections.papers import paper_of
from inspections.services import digests
from inspections.services.digest_schedules import set_schedule, working_days
from inspections.word.bulletin_layout import write_bulletin
from inspections.word.kinds import FOLDER
from tests import builders, outings
from tests.city import LOCAL, NOW

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=LOCAL)
DECEMBER = datetime(2026, 12, 1, 0, 0, tzinfo=LOCAL)
NEW_YEAR = datetime(2027, 1, 1, 0, 0, tzinfo=LOCAL)


def local(*parts):
    return datetime(*parts, tzinfo=LOCAL)


def every_day(_day):
    return True


def not_weekends(day):
    return day.isoweekday() < 6


def compose(kind, until, team=None):
    team_id = team.pk if team else None
    return digests.compose_digest(kind=kind, team_id=team_id, until=until, at=until + DAY)


def said(digest):
    return "\n".join(
        block.plain
        for part in paper_of(digest).parts
        for block in part.blocks
        if not block.is_table
    )


def cells(digest, key):
    tables = {b.key: b for part in paper_of(digest).parts for b in part.blocks if b.is_table}
    return [[cell.text for cell in row] for row in tables[key].rows]


# --- Ends and spans (pure) --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timing", "until", "since"),
    [
        (Timing(DAILY, 18), local(2026, 11, 20, 18), local(2026, 11, 19, 18)),
        (Timing(DAILY, 18, skips_rest=True), local(2026, 11, 23, 18), local(2026, 11, 20, 18)),
        (Timing(WEEKLY, 0), local(2026, 11, 23), local(2026, 11, 16)),
        (Timing(MONTHLY, 0), local(2026, 12, 1), local(2026, 11, 1)),
        (Timing(MONTHLY, 9, day=26), local(2027, 1, 26, 9), local(2026, 12, 26, 9)),
        (Timing(QUARTERLY, 0), local(2027, 1, 1), local(2026, 10, 1)),
        (Timing(YEARLY, 9, day=5), local(2027, 1, 5, 9), local(2026, 1, 5, 9)),
    ],
    ids=["day", "after a weekend", "week", "month", "month by the 26th", "quarter", "year"],
)
def test_a_document_begins_where_the_one_before_ended(timing, until, since):
    span = timing.span(until.astimezone(UTC), not_weekends, LOCAL)
    assert span == (since, until)
    assert timing.ends(until, not_weekends, LOCAL)[-1] == until
    assert timing.ends(until - timedelta(seconds=1), not_weekends, LOCAL)[-1] == since


def test_ends_before_new_times_are_not_made_up_for():
    changed = local(2026, 11, 20, 12)
    timing = Timing(DAILY, 9, applies_from=changed)
    assert timing.ends(local(2026, 11, 22, 10), every_day, LOCAL) == [
        local(2026, 11, 21, 9),
        local(2026, 11, 22, 9),
    ]


def test_the_year_before_is_by_weeks_or_by_the_calendar():
    leap = Span(local(2028, 2, 28, 18).astimezone(UTC), local(2028, 2, 29, 18).astimezone(UTC))
    assert year_before(DAILY, leap, LOCAL).until == local(2027, 2, 28, 18)
    week = Span(local(2026, 11, 16).astimezone(UTC), local(2026, 11, 23).astimezone(UTC))
    assert year_before(WEEKLY, week, LOCAL).until.astimezone(LOCAL).isoweekday() == 1


# --- Catching up and schedules ----------------------------------------------------------------


@pytest.mark.django_db
class TestSchedules:
    def test_after_three_days_off_three_digests_have_their_own_dates(self, city, hand):
        builders.issued(city)
        hand.to(local(2026, 11, 20, 18, 1))
        tasks.sweep_digests()
        hand.to(local(2026, 11, 23, 19))
        tasks.sweep_digests()
        tasks.sweep_digests()
        rows = Digest.objects.filter(kind=DAILY, team=None).order_by("until")
        days = [(row.since.astimezone(LOCAL), row.until.astimezone(LOCAL)) for row in rows]
        whole = [local(2026, 11, day, 18) for day in (19, 20, 21, 22, 23)]
        assert days[-4:] == list(pairwise(whole))
        assert Digest.objects.filter(kind=WEEKLY).count() == 1
        assert {row.composed_at.astimezone(LOCAL).date() for row in rows[len(rows) - 3 :]} == {
            date(2026, 11, 23)
        }

    def test_every_kind_is_composed_once_at_its_own_time_and_at_a_new_one_once_set(
        self, city, hand
    ):
        builders.report(city, at=local(2026, 9, 1, 9))
        hand.to(local(2027, 1, 1, 18, 1))
        for _again in range(2):
            tasks.sweep_digests()
        ends = {}
        for row in Digest.objects.order_by("until"):
            ends.setdefault(row.kind, []).append(row.until.astimezone(LOCAL))
        assert ends == {
            DAILY: [local(2027, 1, 1, 18) - back * DAY for back in range(6, -1, -1)],
            WEEKLY: [local(2026, 12, 21), local(2026, 12, 28)],
            MONTHLY: [local(2026, 12, 1), local(2027, 1, 1)],
            QUARTERLY: [local(2027, 1, 1)],
            YEARLY: [local(2027, 1, 1)],
        }
        self.set(city, kind=MONTHLY, at=hand(), hour=9, day=5)
        hand.to(local(2027, 2, 5, 9, 1))
        tasks.sweep_digests()
        months = Digest.objects.filter(kind=MONTHLY, since__gte=local(2027, 1, 1))
        assert list(months.order_by("until").values_list("since", "until")) == [
            (local(2027, 1, 1), local(2027, 1, 5, 9)),
            (local(2027, 1, 5, 9), local(2027, 2, 5, 9)),
        ]

    def test_days_of_rest_are_those_of_the_notice_with_its_days_made_up_for(self, city):
        load_years(at=NOW)
        timing = Timing(DAILY, 18, skips_rest=True)
        ends = timing.ends(local(2026, 10, 12, 12), working_days(), LOCAL)
        days = [(end.astimezone(LOCAL).month, end.astimezone(LOCAL).day) for end in ends]
        # 10 October is a Saturday on which one works, from the 1st to the 7th nobody does.
        assert days == [(9, 24), (9, 28), (9, 29), (9, 30), (10, 8), (10, 9), (10, 10)]

    def test_days_of_rest_are_skipped_as_set_and_join_the_next(self, city, hand):
        load_years(at=NOW)
        builders.issued(city)
        self.set(city, skips_rest=True)
        hand.to(local(2026, 11, 23, 19))
        tasks.sweep_digests()
        rows = Digest.objects.filter(kind=DAILY, team=None).order_by("until")
        ends = [row.until.astimezone(LOCAL).day for row in rows]
        assert ends == [20, 23]
        assert rows[1].since == rows[0].until

    def test_the_first_by_new_times_joins_on_to_the_last_by_the_old(self, city, hand):
        builders.report(city)
        compose(DAILY, local(2026, 11, 19, 18))
        self.set(city, at=local(2026, 11, 20, 9), hour=17)
        hand.to(local(2026, 11, 20, 17, 1))
        tasks.sweep_digests()
        row = Digest.objects.filter(kind=DAILY, team=None).latest("until")
        assert (row.since, row.until) == (local(2026, 11, 19, 18), local(2026, 11, 20, 17))

    def test_a_kind_that_is_switched_off_is_not_composed(self, city):
        builders.report(city)
        self.set(city, is_active=False)
        due = digests.due_digests(at=local(2026, 11, 23, 19))
        assert {each.kind for each in due if each.team_id is None} == {WEEKLY}

    def test_times_are_set_by_who_keeps_the_calendar_once_seen(self, city):
        with pytest.raises(Forbidden):
            self.set(city, by="supervisor", hour=17)
        self.set(city, hour=17)
        with pytest.raises(Conflict):
            self.set(city, hour=16)
        for wrong in ({"hour": 24}, {"kind": MONTHLY, "skips_rest": True}, {"kind": "hourly"}):
            with pytest.raises(DomainError):
                self.set(city, version=1 if "hour" in wrong else 0, **wrong)
        assert DigestSchedule.objects.get().hour == 17

    @staticmethod
    def set(city, *, by="admin", kind=DAILY, version=0, at=NOW - DAY, **changes):
        return set_schedule(
            kind=kind,
            for_teams=False,
            actor=city.people[by],
            at=at,
            version=version,
            changes=changes,
        )


# --- What they say ----------------------------------------------------------------------------


@pytest.mark.django_db
class TestWords:
    def test_a_week_tells_what_became_of_the_week_before(self, city):
        builders.closed(city, at=NOW - 7 * DAY)
        builders.issued(city, at=NOW - 7 * DAY)
        builders.closed(city)
        digest = compose(WEEKLY, MONDAY)
        words = said(digest)
        assert "上期交办问题 2 处，到本期末已结案 1 处，整改率 50.0%（1/2）" in words
        assert "未结案 1 处，其中超时 1 处" in words
        assert "（三）问题较多的。古城中队超时 1 处" in words
        assert "本期没有随机抽查点位，不计问题率。" in words
        assert "立案比上期减少 1" in words
        assert paper_of(digest).title == "11 月 16 日至 11 月 22 日督查情况通报"

    def test_the_problem_rate_of_a_week_has_its_numerator_and_denominator(self, city):
        outings.done(city, bad=["摊位不出线"])
        assert "问题率 100.0%（1/1）" in said(compose(WEEKLY, MONDAY))

    def test_a_month_ranks_units_by_their_rates_but_not_small_ones(self, city):
        for _number in range(5):
            builders.closed(city)
        builders.issued(city, team="dayang", person="other_officer")
        digest = compose(MONTHLY, DECEMBER)
        rows = {row[0]: row[1:] for row in cells(digest, "rates")}
        assert rows["古城中队"] == ["1", "100.0%（5/5）", "100.0%（5/5）", "0.0%（0/5）", "—"]
        assert rows["大洋中队"][:2] == ["件数少，不排名", "0.0%（0/1）"]
        assert paper_of(digest).title == "2026 年 11 月考核情况通报"
        assert "大洋中队超时 1 件" in said(digest)

    def test_a_quarter_reviews_what_was_seen_on_outings(self, city):
        outings.done(city, bad=["摊位不出线"])
        digest = compose(QUARTERLY, NEW_YEAR)
        words = said(digest)
        assert "不合格最多的是：摊位不出线 1 次。" in words
        assert "做得差的：" in words
        assert paper_of(digest).title == "2026 年第 4 季度暗访点评"

    def test_a_year_has_the_scores_of_the_year_beside_the_year_before(self, city):
        for _number in range(20):
            builders.closed(city)
        builders.issued(city, team="dayang", person="other_officer")
        outings.done(city, bad=["摊位不出线"])
        digest = compose(YEARLY, NEW_YEAR)
        paper, told = paper_of(digest), said(digest)
        assert paper.title == "2026 年度考核评价"
        assert "立案比上年增加 21；结案比上年增加 20；" in told
        assert "2026 年 1 月 1 日 00 时 至 2027 年 1 月 1 日 00 时，共上报" in told
        assert "去年同期" not in told
        assert "不合格最多的是：摊位不出线 1 次。" in told
        rows = {row[0]: row[1:4] for row in cells(digest, "scores-1")}
        (scored,) = digest.figures["scores"]
        assert scored["period"] == "2026 年"
        assert rows["古城中队"] == ["1", rows["古城中队"][1], "A"]
        assert rows["大洋中队"][0] == "件数少，不排名"
        file = docx.Document(io.BytesIO(document_of(digest, at=NEW_YEAR + DAY)))
        assert any("一、考核结果" in each.text for each in file.paragraphs)
        after = compose(YEARLY, local(2028, 1, 1))
        assert "结案比上年减少 20" in said(after)

    @pytest.mark.parametrize(
        ("kind", "until", "words"),
        [
            (DAILY, local(2026, 11, 20, 18), "本期没有交办的问题。"),
            (WEEKLY, MONDAY, "上期没有交办的问题。"),
            (MONTHLY, DECEMBER, "本期各单位没有应办结的案件，不排名。"),
            (QUARTERLY, NEW_YEAR, "本季度没有结束的随机抽查，没有点评。"),
            (YEARLY, NEW_YEAR, "全年没有结束的随机抽查。"),
        ],
        ids=[DAILY, WEEKLY, MONTHLY, QUARTERLY, YEARLY],
    )
    def test_a_period_without_cases_says_so(self, city, kind, until, words):
        digest = compose(kind, until)
        assert words in said(digest)
        file = docx.Document(io.BytesIO(document_of(digest, at=until)))
        text = "\n".join(paragraph.text for paragraph in file.paragraphs)
        assert words in text
        assert "{" not in text

    def test_it_stands_beside_the_year_before_where_there_was_one(self, city):
        builders.closed(city)
        assert compose(MONTHLY, DECEMBER).figures["year_before"] is None
        digest = compose(MONTHLY, local(2027, 12, 1))
        assert digest.figures["year_before"]["closed"] == 1
        assert "结案比上期持平、比去年同期减少 1" in said(digest)

    def test_the_word_file_of_a_bulletin_has_its_tables_and_photos(self, city):
        builders.closed(city)
        digest = compose(WEEKLY, MONDAY)
        file = docx.Document(io.BytesIO(document_of(digest, at=MONDAY + DAY)))
        titles = [table.rows[0].cells[0].text for table in file.tables]
        assert titles == ["责任单位", "", "序号"] or titles == ["责任单位", "序号"]
        assert len(file.inline_shapes) == 2
        number = city.spill.cases.get().number
        assert any(number in cell.text for row in file.tables[-1].rows for cell in row.cells)

    def test_the_template_in_use_is_the_one_that_the_command_makes(self, tmp_path):
        write_bulletin(tmp_path / "made.docx")
        made, used = (
            docx.Document(str(folder / name))
            for folder, name in ((tmp_path, "made.docx"), (FOLDER, "bulletin.docx"))
        )
        assert made.element.xml == used.element.xml


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "until"),
    [(DAILY, local(2026, 11, 20, 18)), (WEEKLY, MONDAY), (MONTHLY, DECEMBER)],
    ids=[DAILY, WEEKLY, MONTHLY],
)
def test_behind_each_figure_are_as_many_cases_as_it_says(city, planned, kind, until):
    Campaign.objects.create(
        code="gw", name="国卫", starts_on=date(2026, 11, 1), ends_on=date(2026, 12, 5)
    )
    builders.closed(city)
    builders.issued(city)
    builders.case(city)
    planned()
    digest = compose(kind, until)
    behind = {row.name: row.cases for row in DigestFigure.objects.filter(digest=digest)}
    shown = [
        (run.figure, int(run.text))
        for part in paper_of(digest).parts
        for block in part.blocks
        if not block.is_table
        for run in block.runs
        if run.figure
    ]
    tables = [
        (cell.figure, int(cell.text))
        for part in paper_of(digest).parts
        for block in part.blocks
        if block.is_table
        for row in block.rows
        for cell in row
        if cell.figure
    ]
    assert {name for name, _count in shown} >= {"filed", "closed", "open"}
    assert tables or kind == MONTHLY
    for name, count in shown + tables:
        assert len(behind.get(name, [])) == count, name
