"""What must hold after every fault, asked of the rows, the files and the chains themselves."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count
from kombu.exceptions import OperationalError

from cases.choices import LIVE_BULK_STATES, BulkItemState, BulkState
from cases.models import (
    BulkItem,
    BulkJob,
    Case,
    CaseEvent,
    Order,
    Report,
    Seal,
    StageClock,
)
from cases.services import chasing, seals, stage_chasing
from cases.services.evidence import verify_evidence
from citymgmt import clock
from citymgmt.celery import app
from citymgmt.choices import NoticeState, PhotoSubject
from citymgmt.models import Blob, Derivation, Message, Notice, Photo
from citymgmt.services.photos import original_path
from inspections.facts.source import READ_AHEAD, SEEN, news
from inspections.measures import KEPT, Key
from inspections.models import (
    Digest,
    FactHour,
    Happened,
    HotSpot,
    LookBack,
    LookBackDraw,
    OutingDraw,
    ScoreSheet,
)
from inspections.services import chasing as lookback_chasing
from inspections.services import digests, hot_nights, hot_spots, lookbacks, rollups, scores
from tests.channels import RobotServer
from tests.chaos import ageing, clocks, sheets
from tests.chaos.clocks import STEPS
from tests.chaos.town import Story, Town

COMMANDS = ("verify_digests", "verify_lookback_draws", "verify_outing_draws")
OF_A_WHOLE = (
    "case.filed", "case.dispatched", "order.received", "order.submitted", "order.passed",
    "case.closed", "lookback.planned",
)  # fmt: skip
OF_ONE_LEFT = OF_A_WHOLE[:2]
OF_A_REPORT = {"report.created": 1, "report.filed": 1}
ONCE = frozenset(OF_A_WHOLE)
ASKED_SECONDS = 3


def waiting() -> list[str]:
    """What is still to be done, by name; nothing is lost that is still named here."""
    at = clock.now()
    todo = {
        "photos to derive": Derivation.objects.filter(done_at__isnull=True).exists(),
        "notices to send": Notice.objects.filter(
            state__in=[NoticeState.WAITING, NoticeState.SENDING]
        ).exists(),
        "orders to chase": chasing.due_orders(at=at, limit=1),
        "stages to chase": stage_chasing.due_stage_clocks(at=at, limit=1),
        "look-backs to plan": lookbacks.due_plans(at=at, limit=1),
        "look-backs to chase": lookback_chasing.due_chases(at=at, limit=1),
        "cases to place": hot_spots.due_cases(at=at, limit=1),
        "digests to compose": digests.due_digests(at=at),
        "cases of bulk jobs": BulkJob.objects.filter(state__in=LIVE_BULK_STATES).exists(),
        "hot spots to find anew": hot_nights.is_due(at=at),
        "a day to seal": _asked_for(seals.due_seal(at=at), "cases.tasks.sweep_seals"),
        "scores to count": _asked_for(scores.due_sheets(at=at), "inspections.tasks.sweep_scores"),
        **{what: _asked_for(there, task) for what, there, task in ageing.due(at)},
    }
    return [name for name, found in todo.items() if found]


def _asked_for(due: object, task: str) -> bool:
    """Whether something is still to be done whose sweep comes every few minutes, and may have
    been lost with the broker's memory: here one comes at once, and again where that is lost."""
    if due and time.monotonic() > _asked.get(task, 0) + ASKED_SECONDS:
        _asked[task] = time.monotonic()
        with suppress(OperationalError):
            app.send_task(task, retry=False)
    return bool(due)


_asked: dict[str, float] = {}


def breaches(town: Town, robots: RobotServer) -> list[str]:
    """Everything that does not hold; empty where all does."""
    checks = [_reports(town), _photos(town), _stories(town), _told(), _notices(robots)]
    checks += [_digests(), clocks.breaches(), _facts(), _hot_spots(), sheets.breaches()]
    checks += [_bulk_jobs(), ageing.breaches(town), _chains()]
    return [breach for check in checks for breach in check]


def _reports(town: Town) -> Iterator[str]:
    """Every report once."""
    said = Counter(Report.objects.values_list("text", flat=True))
    promised = Counter(story.text for story in town.stories)
    for text in said.keys() | promised.keys():
        if said[text] != promised[text]:
            yield f"report {text!r}: {said[text]} instead of {promised[text]}"
    steps: dict[str, Counter[str]] = {}
    for number, name in CaseEvent.objects.filter(report__isnull=False).values_list(
        "report__number", "name"
    ):
        steps.setdefault(number, Counter())[name] += 1
    erased = ageing.erased()
    for number in Report.objects.values_list("number", flat=True):
        found = steps.get(number, Counter())
        wanted = OF_A_REPORT | ({"report.erased": 1} if number in erased else {})
        if {name: n for name, n in found.items() if name.startswith("report.")} != wanted:
            yield f"report {number}: its chain holds {dict(found)}"


def _photos(town: Town) -> Iterator[str]:
    """Every form has exactly its photos, every byte as it was sent."""
    used: dict[tuple[str, int | None], list[str]] = {}
    rows = Photo.objects.order_by("position").values_list("subject_kind", "subject_id", "blob_id")
    for kind, pk, sha256 in rows:
        used.setdefault((kind, pk), []).append(sha256)
    reports = dict(Report.objects.values_list("text", "pk"))
    orders = dict(Order.objects.values_list("number", "pk"))
    for story in town.stories:
        wanted = {(PhotoSubject.REPORT, reports.get(story.text)): story.hashes[:2]}
        if story.whole:
            wanted[PhotoSubject.ORDER, orders.get(story.order)] = story.hashes[2:]
        for form, hashes in wanted.items():
            found = used.pop(form, [])
            if found != hashes:
                yield f"photos of {story.text!r}, {form}: {found}"
    # What is in no form was left, see `ageing`.
    used.pop((PhotoSubject.UNCLAIMED, None), None)
    if used:
        yield f"photos that nobody sent, or twice: {sorted(map(str, used))}"
    for sha256 in Blob.objects.values_list("pk", flat=True):
        content = original_path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            yield f"photo {sha256}: its file is another"


def _stories(town: Town) -> Iterator[str]:
    """Every step of every story happened once, and what the house adds by itself, too."""
    if Case.objects.count() != len(town.stories):
        yield f"{Case.objects.count()} cases of {len(town.stories)} stories"
    names: dict[str, Counter[str]] = {story.case: Counter() for story in town.stories}
    for number, name in CaseEvent.objects.filter(case__isnull=False).values_list(
        "case__number", "name"
    ):
        names.setdefault(number, Counter())[name] += 1
    for story in town.stories:
        yield from _steps(story, names[story.case])
    for case in Case.objects.filter(state="closed"):
        rows = LookBack.objects.filter(case=case).count()
        draws = LookBackDraw.objects.filter(case=case).count()
        if (rows, draws) != (1, 1):
            yield f"case {case.number}: {rows} look-backs, {draws} draws"


def _steps(story: Story, names: Counter[str]) -> Iterator[str]:
    wanted = Counter(OF_A_WHOLE if story.whole else OF_ONE_LEFT)
    found = Counter({name: n for name, n in names.items() if name in ONCE})
    if found != wanted:
        yield f"case {story.case}: {dict(found)} instead of {dict(wanted)}"


def _told() -> Iterator[str]:
    """Whoever is to hear of something hears of it once: the person and the group of an order,
    who reported of what became of it, and each step of each ladder somebody."""
    said = Counter(
        (key, channel is None)
        for key, channel in Notice.objects.values_list("dedupe_key", "channel")
    )
    for number, channel in Order.objects.values_list("number", "team__channel"):
        for whom, inbox, wanted in (("the person", True, 1), ("the group", False, bool(channel))):
            count = said[f"order-issued:{number}", inbox]
            if count != wanted:
                yield f"{whom} of {number} heard of it {count} times"
    for number in Report.objects.exclude(state="pending").values_list("number", flat=True):
        if said[f"report-decided:{number}", True] != 1:
            yield f"who reported {number} did not hear once what became of it"
    steps = {
        (kind, part)
        for kind, *parts in (key.split(":") for key, _inbox in said)
        for part in parts[:-1]
    }
    for event in CaseEvent.objects.filter(name__in=STEPS):
        about = str(event.payload[STEPS[event.name]])
        if STEPS[event.name] == "due":
            about = f"{datetime.fromisoformat(about):%Y%m%d%H%M%S}"
        if (event.name, about) not in steps:
            yield f"{event.name} {about}: nobody was told"


def _notices(robots: RobotServer) -> Iterator[str]:
    """Each said once to each; what went out arrived, and twice only where that is known."""
    doubled = Notice.objects.values("user", "channel", "dedupe_key").annotate(n=Count("pk"))
    for row in doubled.filter(n__gt=1):
        yield f"notice said {row['n']} times: {row}"
    arrived = Counter(
        item["id"] for hit in robots.said() if hit.answered for item in hit.body["items"]
    )
    heard = Counter(item["id"] for hit in robots.said() for item in hit.body["items"])
    for notice in Notice.objects.filter(channel__isnull=False):
        if notice.state != NoticeState.SENT:
            yield f"notice {notice.pk} is {notice.state}: {notice.error}"
        elif not heard[notice.pk]:
            yield f"notice {notice.pk} counts as sent, and nobody heard it"
        elif heard[notice.pk] > 1 and not notice.unsure:
            yield f"notice {notice.pk} went out {heard[notice.pk]} times ({arrived[notice.pk]})"
    if Message.objects.filter(state="sending").exists():
        yield "a message is still on its way"


def _digests() -> Iterator[str]:
    rows = Digest.objects.filter(corrects__isnull=True)
    for row in rows.values("kind", "team", "until").annotate(n=Count("pk")).filter(n__gt=1):
        yield f"digest composed {row['n']} times: {row}"
    for due in digests.due_digests(at=clock.now()):
        yield f"digest missing: {due}"


def _facts() -> Iterator[str]:
    """The roll-ups, with what was written since, say what all chains say when they are summed up
    anew: nothing that happened is counted twice or not at all, wherever a worker died.

    They are summed up in a transaction that is taken back, and nobody writes an event meanwhile.
    """
    at = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE cases_caseevent IN SHARE MODE")
        told = _rolled_up()
        for key, count in news(bound=SEEN, limit=READ_AHEAD, at=at).moved.items():
            told[key] += count
        rollups.rebuild(at=at)
        true = _rolled_up()
        transaction.set_rollback(True)
    for key in sorted(told.keys() | true.keys()):
        long_ago = key.kind in KEPT and key.at < at - KEPT[key.kind] + ageing.FARTHEST_BACK
        if told[key] != true[key] and not long_ago:
            yield f"rolled up {told[key]} instead of {true[key]}: {tuple(map(str, key))}"


def _rolled_up() -> Counter[Key]:
    return Counter(
        {
            Key(*row[:-1]): row[-1]
            for row in FactHour.objects.values_list(
                "team_id", "street", "kind", "measure", "at", "axis", "count"
            )
        }
    )


def _hot_spots() -> Iterator[str]:
    """Whatever happened has a place, and the places that were found one by one are those that
    are found in all of it at once, in a transaction that is taken back."""
    with transaction.atomic():
        placed = _placed()
        hot_nights.rebuild_spots(at=clock.now())
        anew = _placed()
        transaction.set_rollback(True)
    for place in placed - anew:
        yield f"a hot spot that is none: {sorted(place)}"
    for place in anew - placed:
        yield f"a hot spot that is not found: {sorted(place)}"


def _placed() -> set[frozenset[str]]:
    """What happened together, by the numbers of the cases; what is nowhere near is by itself."""
    places: dict[str, set[str]] = {}
    rows = Happened.objects.values_list("spot", "case__number", "lookback")
    for spot, number, lookback in rows:
        each = f"{number}/{lookback or 0}"
        places.setdefault(str(spot or each), set()).add(each)
    return {frozenset(place) for place in places.values()}


def _bulk_jobs() -> Iterator[str]:
    """Each job did its act to each of its cases once, counted it once, and said so once."""
    said = Counter(Notice.objects.values_list("dedupe_key", flat=True))
    done = Counter(
        (event.case_id, event.payload["label"])
        for event in CaseEvent.objects.filter(name="case.labelled")
    )
    for job in BulkJob.objects.prefetch_related("items"):
        items = Counter(item.state for item in job.items.all())
        if (job.state, items) != (BulkState.DONE, {BulkItemState.DONE: job.total}):
            yield f"bulk job {job.pk} is {job.state}: {dict(items)} of {job.total}"
        if (job.done_count, job.refused_count) != (job.total, 0):
            yield f"bulk job {job.pk} counts {job.done_count} and {job.refused_count}"
        for item in job.items.all():
            times = done.pop((item.case_id, job.given["label"]), 0)
            if times != 1:
                yield f"bulk job {job.pk}: done {times} times to case {item.case_id}"
        if said[f"bulk:{job.pk}:{job.runs}"] != 1:
            yield f"bulk job {job.pk}: said {said[f'bulk:{job.pk}:{job.runs}']} times"
    yield from (f"done to case {case} though nobody began it" for case, _label in done)


def tally(town: Town) -> dict[str, int]:
    """How much there was of what is asked about: of what there is none nothing is shown."""
    return {
        "digests": Digest.objects.count(),
        "digests signed": Digest.objects.exclude(seal="").count(),
        "draws of outings": OutingDraw.objects.count(),
        "orders submitted": Order.objects.filter(submitted_at__isnull=False).count(),
        "roll-ups": FactHour.objects.count(),
        "hot spots": HotSpot.objects.count(),
        "days sealed": Seal.objects.count(),
        "scores": ScoreSheet.objects.count(),
        "cases of bulk jobs": BulkItem.objects.count(),
        "look-backs": LookBack.objects.count(),
        "stage clocks": StageClock.objects.filter(stopped_at__isnull=False).count(),
        "steps of ladders": CaseEvent.objects.filter(name__in=STEPS).count(),
        "notices sent out": Notice.objects.filter(state=NoticeState.SENT).count(),
        "photos derived": Derivation.objects.filter(done_at__isnull=False).count(),
        **ageing.forgotten(town),
    }


def _chains() -> Iterator[str]:
    for fault in verify_evidence():
        yield f"evidence: {fault}"
    for name in COMMANDS:
        try:
            call_command(name, stdout=open("/dev/null", "w"))  # noqa: SIM115
        except Exception as error:
            yield f"{name}: {error}"
