"""How long an old ledger of 10 000 rows takes: read, checked, imported, and again without doubling.

    python -m citymgmt.dev.bench ledger

Two thirds of its rows are closed, a sixth is ordered to a team at once, a sixth waits. Prints one
JSON line.
"""

import json
import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import django

ROWS = 10_000
TITLES = [
    "编号",
    "检查日期",
    "地点",
    "存在问题",
    "问题类别",
    "责任单位",
    "整改时间",
    "整改情况",
    "经度",
    "纬度",
]
STREETS = ("紫阳街", "赤城路", "崇和路", "柏叶中路", "巾山東路")
TALES = ("水果店佔道經營，貨擺到人行道上", "门口堆了垃圾", "店外经营，占了半条路")


def ledger_file(rows: int = ROWS) -> bytes:
    """An .xlsx file of so many rows, as old ledgers are: traditional characters, days as text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("台帐")
    sheet.append(TITLES)
    for number in range(rows):
        day = date(2023, 1, 1) + timedelta(days=number % 1000)
        found = f"{day.year}.{day.month}.{day.day}"
        done = day + timedelta(days=2)
        closed = f"{done:%Y-%m-%d}" if number % 6 < 4 else ""
        team = ("古城中队", "大洋中队")[number % 2] if number % 6 < 5 else ""
        sheet.append(
            [
                f"A-{number:05d}",
                found,
                f"{STREETS[number % 5]} {number % 400} 號",
                TALES[number % 3],
                ("店外经营", "暴露垃圾", "出店经营")[number % 3],
                team,
                closed,
                "已清理" if closed else "",
                121.12 + number % 97 / 2500,
                28.85 + number % 89 / 9000,
            ]
        )
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Seconds that a piece of work takes on the wall, and of this process's CPU."""
    started, used = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    return {"wall": round(wall, 2), "cpu": round(cpu, 2)}


def main() -> None:
    """Measure, and check that the evidence adds up."""
    django.setup()
    from cases.models import Case, CaseEvent, LedgerImport
    from cases.services import ledgers
    from cases.services.evidence import verify_evidence
    from cases.services.ledger_books import Options
    from cases.services.ledger_runs import run_ledger
    from citymgmt import clock
    from tests.city import build_city

    city = build_city()
    actor = city.people["supervisor"]
    data = ledger_file()
    at = clock.now()

    def upload() -> LedgerImport:
        return ledgers.upload_ledger(actor=actor, at=at, name="台帐.xlsx", data=data)

    def run() -> None:
        run_ledger(ledger_id=ledger.pk, at=at)
        ledger.refresh_from_db()

    seconds = {"upload": timed(upload)}
    ledger = LedgerImport.objects.get()
    told = ledgers.Told(ledger.columns, {}, Options(dispatch=True))
    ledgers.map_ledger(ledger_id=ledger.pk, actor=actor, at=at, version=None, told=told)
    seconds["check"] = timed(run)
    ledgers.start_import(ledger_id=ledger.pk, actor=actor, at=at, version=None)
    seconds["import"] = timed(run)
    stored = {"state": ledger.state, "cases": Case.objects.count()}
    stored["events"] = CaseEvent.objects.count()
    faults: list[object] = []
    seconds["verify"] = timed(lambda: faults.extend(verify_evidence()))
    ledger = upload()
    seconds["check again"] = timed(run)
    print(
        json.dumps(
            {
                "rows": ROWS,
                "bytes": len(data),
                "seconds": seconds,
                **stored,
                "faults": len(faults),
                "known the second time": ledger.known_count,
                "most memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
