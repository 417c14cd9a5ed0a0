"""How long an export of the case list takes, and how much memory: 100 000 rows by default.

`EXPORT_ROWS` asks for another number. The rows are made by one statement; what is measured is
the export itself, from the first row to the last byte, in this process.
"""

import json
import os
import resource
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import django

ROWS = int(os.environ.get("EXPORT_ROWS", "100000"))
NOW = datetime.fromisoformat("2026-11-20T14:00:00+08:00")
EPOCH = NOW - timedelta(days=365)

_FILL = """
INSERT INTO cases_case (
    number, state, channel, category_id, standard_id, text, address, area_code, team_ids,
    cell_id, lead_team_id, lead_person_id, reporter_id, filed_by_id, photo_count, limit_kind,
    limit_value, filed_at, due_at, warn_at, closed_at, closing, on_time, overtime_waived,
    suspension_count, extension_count, request_count, supervision_count, instruction_count,
    open_instructions, comment_count, watch_count, urge_count, rework_count, rebound_count,
    order_count, waits_check, checker_ids, is_learned, search_grams, version, head_seq,
    head_hash, last_event, last_event_at, party, label_ids, from_ledger)
SELECT to_char(moment, 'YYYYMMDD') || '-' || lpad(n::text, 6, '0'),
    CASE WHEN n %% 10 = 0 THEN 'rectifying' ELSE 'closed' END,
    (ARRAY['patrol', 'hotline', 'public', 'sensor'])[1 + n %% 4],
    %(category)s, %(standard)s, '店外经营，货物摆到人行道上，占了盲道 ' || n,
    '紫阳街 ' || n %% 400 || ' 号 水果店', '331082001', ARRAY[%(team)s::bigint],
    %(cell)s, %(team)s, %(person)s, %(person)s, %(person)s, 2, 'work_hour', 4,
    moment, CASE WHEN n %% 10 = 0 THEN moment + interval '4 hours' END,
    CASE WHEN n %% 10 = 0 THEN moment + interval '3 hours' END,
    CASE WHEN n %% 10 <> 0 THEN moment + interval '3 hours' END,
    CASE WHEN n %% 10 <> 0 THEN 'passed' ELSE '' END,
    CASE WHEN n %% 10 <> 0 THEN n %% 7 <> 0 END, false,
    0, n %% 40 / 39, 0, 0, 0, 0, n %% 3, 0, n %% 20 / 19, n %% 15 / 14, n %% 25 / 24,
    1, false, '{}', false, ARRAY['紫阳', '阳街'], 1, 1, '', 'case.closed',
    moment + interval '3 hours', '', '{}', false
FROM (SELECT n, %(epoch)s::timestamptz + n * interval '5 minutes' AS moment
      FROM generate_series(1, %(rows)s) AS n) AS made
"""


def main() -> None:
    """Make the rows, take them out as both kinds of table, print the figures as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    django.setup()
    from django.contrib.auth import get_user_model

    from cases.choices import ExportKind
    from cases.columns import COLUMNS

    _fill()
    user = get_user_model().objects.get(username="exporter")
    every = "cols=" + "%2C".join(column.key for column in COLUMNS)
    figures = {
        f"{kind} {name}": _measured(kind, query, user)
        for kind in (ExportKind.CSV, ExportKind.XLSX)
        for name, query in (("usual columns", ""), ("all columns", every))
    }
    print(json.dumps({"rows": ROWS, **figures}, ensure_ascii=False, indent=2))


def _fill() -> None:
    from django.contrib.auth import get_user_model
    from django.db import connection

    from cases.models import Category, FilingStandard
    from citymgmt.models import Role, WorkSchedule
    from grids.models import Area, Cell, Grant, Team

    WorkSchedule.objects.create(code="default", name="机关作息", is_default=True)
    user = get_user_model().objects.create_user(username="exporter", name="周敏", password=None)
    role = Role.objects.get(code="dispatcher")
    Grant.objects.create(user=user, role=role, valid_from=EPOCH)
    team = Team.objects.create(code="gucheng", name="古城中队", kind="squadron", path=[])
    area = Area.objects.create(code="331082001", name="古城街道", level="street")
    cell = Cell.objects.create(code="古城-01", name="第1片", area=area)
    category = Category.objects.create(
        standard="GB", kind="event", code="09005", name="店外经营", major_code="09", unit="起"
    )
    standard = FilingStandard.objects.create(
        category=category, condition="占道", limit_kind="work_hour", limit_value=4, row=1
    )
    with connection.cursor() as cursor:
        ids = {"category": category.pk, "standard": standard.pk, "team": team.pk}
        more = {"cell": cell.pk, "person": user.pk, "epoch": EPOCH, "rows": ROWS}
        cursor.execute(_FILL, ids | more)
        cursor.execute("ANALYZE cases_case")


def _measured(kind: str, query: str, user: object) -> dict[str, float]:
    """Seconds by the clock and of the processor, megabytes sent, and the peak of memory yet."""
    from cases.caselist import ListView
    from cases.cells import Reader
    from cases.exports import Taking, table_of

    view = ListView.of(query, user=user, at=NOW)  # type: ignore[arg-type]
    rows = view.unjoined(view.rows()).order_by("-last_event_at", "-id")
    taking = Taking(rows, view.columns, Reader(NOW, user_id=view.user.pk), view.access)
    started, spent = time.perf_counter(), time.process_time()
    sent = _drained(table_of(taking, kind, "案件"))
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(time.process_time() - spent, 1),
        "megabytes_sent": round(sent / 1e6, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _drained(content: Iterator[bytes]) -> int:
    return sum(len(piece) for piece in content)


if __name__ == "__main__":
    main()
