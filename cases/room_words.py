"""What other rooms say of a case, in words; from what was read with the row."""

from datetime import datetime

from cases.cells import Reader
from cases.choices import PUT_RIGHT_CLOSINGS, CaseState, LookBackNow, LookBackResult, LookBackState
from cases.models import Case
from cases.querysets_rooms import LOOKBACK


def listed(fact: str, reader: Reader, case: Case) -> str:
    """The names in which a fact consists."""
    return "、".join(dict.fromkeys(getattr(case, fact, ())))


def lookback_of(reader: Reader, case: Case) -> str:
    """How the newest look-back stands; one rests while its case is put right again."""
    rows = getattr(case, LOOKBACK, ())
    planned = [each for each in rows if each["state"] == LookBackState.PLANNED]
    closed = case.state == CaseState.CLOSED and case.closing in PUT_RIGHT_CLOSINGS
    if planned and closed:
        late = any(datetime.fromisoformat(each["due"]) < reader.at for each in planned)
        return str((LookBackNow.LATE if late else LookBackNow.WAITING).label)
    results = [each["result"] for each in rows if each["result"]]
    return str(LookBackResult(results[-1]).label) if results else ""
