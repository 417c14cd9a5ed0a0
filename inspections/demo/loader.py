"""Loads the demonstration city: founded first, then thirty days of cases by the real services."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path

from django.db import transaction

from cases.choices import Stage as Desk
from cases.deadlines import Limit, LimitKind
from cases.models import FilingStandard, Report
from cases.services.rules import limit_of_stage
from cases.services.seals import make_seal
from citymgmt import clock
from citymgmt.models import Notice
from citymgmt.services.calendars import calendar_for
from citymgmt.services.notices import read_notices
from inspections.choices import DigestState
from inspections.demo import stories
from inspections.demo.acting import Stage
from inspections.demo.campaign_work import run_campaign
from inspections.demo.desk_work import lay_on_desks
from inspections.demo.founding import CLEANERS, Founded, found_city
from inspections.demo.groups import open_groups
from inspections.demo.ledgers import fill_ledgers
from inspections.demo.outings import find_hot_spots, go_out, settle_accountability
from inspections.demo.painting import PAINTERS, painted
from inspections.demo.patrols import walk_the_streets
from inspections.demo.pictures import PictureMaker, render_bases
from inspections.demo.playing import Player
from inspections.demo.roster import DISTRICTS
from inspections.demo.scores import score_months
from inspections.demo.scripting import script_of
from inspections.demo.scripts import Rules, Script
from inspections.demo.shifts import plan_work
from inspections.models import Digest
from inspections.services import digest_signing, digests, rollups
from inspections.services.lookback_results import terms
from inspections.services.plans import PUBLIC_CHANNELS

Say = Callable[[str], None]
Part = tuple[Player, Script, list[bytes]]
DESKS = (Desk.TRIAGE, Desk.DISPATCH, Desk.CHECK)
REMARKS = "各中队对反弹点位加派巡查，三天内不得再反弹；超时未结的逐件说明原因。"


def is_loaded() -> bool:
    """Whether the database holds cases already; the loader never adds to a used database."""
    return Report.objects.exists()


def load(*, password: str, pictures: Path, say: Say, count: int = stories.COUNT) -> None:
    """Fill an empty database in one transaction, so that a broken run leaves it empty.

    `pictures` is a folder for the drawn scenes. `say` gets a line now and then.
    """
    until = clock.now().replace(second=0, microsecond=0)
    say("画场景图")
    render_bases(pictures, workers=PAINTERS)
    with transaction.atomic():
        say("建区划、网格、案由、标准、单位、人员")
        since = until - timedelta(days=60)
        founded = found_city(
            since=since, today=until.astimezone(clock.LOCAL).date(), password=password
        )
        _play_all(founded, pictures, until, count, say)
        say("排班、请假、证书")
        plan_work(
            people=founded.people,
            teams=founded.teams,
            keeper=founded.people["admin"],
            at=until,
        )
        say("登记街路、点位、店铺，查门前三包")
        fill_ledgers(founded, pictures=pictures, since=since, until=until)
        people = founded.people
        # The officer whom one signs in as, then whoever comes.
        walk_the_streets([people["officer"], *people.values()], until=until)
        say("专项行动的任务和成果，问题台帐，问责")
        run_campaign(founded, until=until)
        settle_accountability(founded, until=until)
        say("随机抽查、暗访，反复点")
        go_out(founded, pictures=pictures, until=until)
        find_hot_spots(until=until)
    say("算汇总数")
    rollups.rebuild(at=until)
    say("封存，编最近几天的督查专报")
    make_seal(day=until.astimezone(clock.LOCAL).date() - timedelta(days=1), at=until)
    open_groups(founded)
    _compose(founded, until)
    say("考核成绩，对外公开")
    score_months(supervisor=founded.people["supervisor"], until=until)
    say("批量办理，一个从前的台帐")
    desks = {name: people[name] for name in ("supervisor", "dispatcher", "leader")}
    lay_on_desks(**desks, until=until)
    _read_old_notices(founded, until)


def _play_all(founded: Founded, pictures: Path, until: datetime, count: int, say: Say) -> None:
    stage = _stage(founded)
    scripts = _scripts(stories.tell(until, count), stage, until)
    maker = PictureMaker(pictures)
    began = last = time.monotonic()
    joining: list[Part] = []
    for done, (script, images) in enumerate(painted(scripts, pictures), 1):
        scene = script.story.problem.scene
        player = Player(stage, script, maker.shop_name(scene, script.story.index))
        joining.append((player, script, images))
        if script.story.joins is None:
            # Those that join it stand right before a story.
            _play_together(joining, until)
            joining = []
        if time.monotonic() - last > 5 or done == len(scripts):
            last = time.monotonic()
            say(f"案件 {done}/{len(scripts)}，用时 {last - began:.0f} 秒")


def _scripts(told: list[stories.Story], stage: Stage, until: datetime) -> list[Script]:
    """The scripts, each right after those of the stories that join it."""
    joining: dict[int, list[stories.Story]] = defaultdict(list)
    for story in told:
        if story.joins is not None:
            joining[story.joins].append(story)
    scripts: list[Script] = []
    for story in told:
        if story.joins is None:
            lead = script_of(story, _rules(story, stage), until)
            for other in joining[story.index]:
                scripts.append(script_of(other, _rules(other, stage), until, lead))
            scripts.append(lead)
    return scripts


def _play_together(parts: list[Part], until: datetime) -> None:
    """Play the last part and those that join it, all acts in the order of their time."""
    lead = parts[-1][0]
    acts = []
    for player, script, images in parts:
        player.lead = lead
        left = iter(images)
        acts += [(act.at, player, act, [next(left) for _shot in act.shots]) for act in script.acts]
    for _at, player, act, shown in sorted(acts, key=itemgetter(0)):
        player.play(act, shown)
    for player, _script, _images in parts:
        player.chase(until)


def _stage(founded: Founded) -> Stage:
    named = founded.people
    return Stage(
        people=named,
        standards=_standards(),
        chiefs=founded.chiefs,
        leaders=founded.leaders,
        backup_team=founded.teams["jidong"].pk,
        cleaners=tuple(founded.teams[code].pk for code in CLEANERS),
        squadrons={
            district: founded.teams[f"city-{number}"].pk
            for number, district in enumerate(DISTRICTS, 1)
        },
        dispatchers=("dispatcher", "ZH02"),
        supervisors=("supervisor", "DC02"),
        inspectors=("inspector", *(f"DC{number:02d}" for number in range(3, 8))),
    )


def _standards() -> dict[str, FilingStandard]:
    """The first standard of each class that the stories need."""
    found: dict[str, FilingStandard] = {}
    codes = [problem.code for problem in stories.PROBLEMS]
    rows = FilingStandard.objects.filter(
        category__code__in=codes, category__kind="event", is_active=True
    )
    for row in rows.select_related("category").order_by("pk"):
        found.setdefault(row.category.code, row)
    return found


def _rules(story: stories.Story, stage: Stage) -> Rules:
    standard = stage.standards[story.problem.code]
    category = standard.category
    days: Sequence[int] = category.lookback_days if category.asks_lookback else ()
    if not days and story.channel in PUBLIC_CHANNELS:
        # Who complained is always looked back on, also where the class does not ask for it.
        days = terms().always_days
    limit = Limit(LimitKind(standard.limit_kind), standard.limit_value)
    desks = {str(desk): limit_of_stage(desk) for desk in DESKS}
    return Rules(limit, calendar_for(None), tuple(days), desks)


def _compose(founded: Founded, until: datetime) -> None:
    """The digests of the last days; the bureau's are signed, but for the newest."""
    for kind, team_id, period_end in digests.due_digests(at=until):
        digests.compose_digest(
            kind=kind, team_id=team_id, until=period_end, at=period_end + timedelta(minutes=3)
        )
    old = Digest.objects.filter(
        state=DigestState.DRAFT, team__isnull=True, until__lt=until - timedelta(days=1)
    )
    for digest in old.order_by("until"):
        digest_signing.sign_digest(
            digest_id=digest.pk,
            actor=founded.people["supervisor"],
            at=digest.until + timedelta(minutes=40),
            version=digest.version,
            remarks=REMARKS,
        )


def _read_old_notices(founded: Founded, until: datetime) -> None:
    """Everybody has read what is older than half a day."""
    for user in founded.people.values():
        old = Notice.objects.inbox_of(user.pk).filter(created_at__lt=until - timedelta(hours=12))
        read_notices(user=user, ids=old.values_list("pk", flat=True), at=until)
