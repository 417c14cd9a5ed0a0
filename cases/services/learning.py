"""Learning from the bureau's own closed cases which words go with which class.

A case is counted once, when it is first seen closed: the flag on its row and the counts change
in one transaction. Cases closed by force teach nothing: nobody confirmed their class.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import connection, transaction

from cases.choices import CaseState, Closing
from cases.models import Case, ClassTally, ClassWord
from cases.search import grams

BATCH = 500
_Counts = Counter[tuple[str, int]]

_ADD_WORDS = """
    INSERT INTO cases_classword (gram, category_id, cases)
    SELECT * FROM unnest(%s::varchar[], %s::bigint[], %s::int[])
    ON CONFLICT (gram, category_id) DO UPDATE SET cases = cases_classword.cases + EXCLUDED.cases
"""
_ADD_TALLY = """
    INSERT INTO cases_classtally (category_id, cases)
    SELECT * FROM unnest(%s::bigint[], %s::int[])
    ON CONFLICT (category_id) DO UPDATE SET cases = cases_classtally.cases + EXCLUDED.cases
"""


def learn_closed_cases(*, limit: int = BATCH) -> int:
    """Count the words of the next closed cases that were not counted yet; returns how many.

    Cases that another worker is just counting are passed over.
    """
    with transaction.atomic():
        rows = Case.objects.filter(state=CaseState.CLOSED, is_learned=False)
        held = rows.order_by("pk").select_for_update(skip_locked=True)
        taken = list(held.only("pk", "text", "category_id", "closing")[:limit])
        taught = [case for case in taken if case.closing != Closing.FORCED]
        _add(taught)
        Case.objects.filter(pk__in=[case.pk for case in taken]).update(is_learned=True)
    return len(taken)


def forget_all() -> None:
    """Forget every word; the closed cases are to be learned anew."""
    with transaction.atomic():
        ClassWord.objects.all().delete()
        ClassTally.objects.all().delete()
        Case.objects.filter(is_learned=True).update(is_learned=False)


def word_grams(text: str) -> list[str]:
    """The pairs of characters of a text that can tell something: no lone ones, no numbers."""
    return [gram for gram in grams(text) if len(gram) == 2 and not gram.isdigit()]


def _add(cases: Iterable[Case]) -> None:
    words: _Counts = Counter()
    tally: Counter[int] = Counter()
    for case in cases:
        tally[case.category_id] += 1
        words.update((gram, case.category_id) for gram in word_grams(case.text))
    if not tally:
        return
    # Always in the same order, so that two workers never wait for each other in a ring.
    lines = sorted(words)
    classes = sorted(tally)
    with connection.cursor() as cursor:
        cursor.execute(_ADD_TALLY, [classes, [tally[pk] for pk in classes]])
        if lines:
            columns = [gram for gram, _pk in lines], [pk for _gram, pk in lines]
            cursor.execute(_ADD_WORDS, [*columns, [words[line] for line in lines]])
