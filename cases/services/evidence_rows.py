"""Checking the rows of reports, cases and orders against what their chains say last.

Statistics and lists read columns: a column that was changed by hand is named with the event that
says otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Model

from cases.models import Case, CaseEvent, Order, Report
from cases.services.evidence_registry import RowFault, registered_row_faults
from cases.services.evidence_stories import CaseStory, Columns, ReportStory

Chains = Mapping[int, Sequence[CaseEvent]]
_UNNAMED = {"used_seconds": "用时", "limit_kind": "时限种类", "limit_value": "时限"}


def report_row_faults(reports: Sequence[Report], chains: Chains) -> Iterator[RowFault]:
    """Columns of reports that are not as their chains say."""
    ids = {report.case_id for report in reports if report.case_id is not None}
    cases = dict(Case.objects.filter(pk__in=ids).order_by().values_list("pk", "number"))
    for report in reports:
        story = ReportStory()
        for event in chains.get(report.pk, ()):
            story.hear(event)
        yield from column_faults(report.number, report, story.columns)
        if story.case is not None and cases.get(report.case_id or 0) != story.case[1]:
            yield RowFault(report.number, story.case[0], "column", words_of(report, "case"))


def case_row_faults(cases: Sequence[Case], chains: Chains) -> Iterator[RowFault]:
    """Columns of cases and their orders that are not as the chains say, orders that are gone or
    that no event issued, and what other apps find amiss with rows of theirs."""
    stories = {case.pk: CaseStory() for case in cases}
    for pk, story in stories.items():
        for event in chains.get(pk, ()):
            story.hear(event)
    orders: dict[int, dict[str, Order]] = {pk: {} for pk in stories}
    for order in Order.objects.filter(case__in=stories).order_by("case", "position"):
        orders[order.case_id][order.number] = order
    for case in cases:
        story = stories[case.pk]
        yield from column_faults(case.number, case, story.columns)
        yield from _order_faults(case, story.orders, orders[case.pk])
    yield from registered_row_faults(cases, chains)


def _order_faults(
    case: Case, said: Mapping[str, Columns], there: Mapping[str, Order]
) -> Iterator[RowFault]:
    for number, columns in said.items():
        what = f"整改单 {number}"
        if number not in there:
            yield RowFault(case.number, columns["issued_at"][0], "row_gone", what)
        else:
            yield from column_faults(case.number, there[number], columns, of=what)
    for number in there.keys() - said.keys():
        yield RowFault(case.number, 0, "row_unnamed", f"整改单 {number}")


def column_faults(
    subject: str, row: Model, columns: Columns, *, of: str = ""
) -> Iterator[RowFault]:
    """The columns of a row that are not as said; `of` says which row of the subject it is."""
    for name, (seq, value) in columns.items():
        if getattr(row, name) != value:
            yield RowFault(subject, seq, "column", words_of(row, name, of=of))


def words_of(row: Model, name: str, *, of: str = "") -> str:
    """A column as people call it, and as the database does."""
    field = row._meta.get_field(name.removesuffix("_id"))
    label = _UNNAMED.get(name, getattr(field, "verbose_name", name))
    return f"{of} {label}（{row._meta.db_table}.{getattr(field, 'column', name)}）".strip()
