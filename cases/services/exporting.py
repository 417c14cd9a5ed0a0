"""Taking cases out of the list as a file: who may, and the row that says who did."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.choices import ExportKind
from cases.models import ListExport
from cases.models.saved_view import MAX_QUERY
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from grids.access import access_of

MOST_CASES = 200_000
"""So many cases go into one table: more than a bureau has in a year."""

MOST_WITH_PHOTOS = 500
"""Of so many cases the photos go into one archive."""


def note_export(
    *,
    actor: User,
    at: datetime,
    kind: str,
    query: str,
    cases: int,
    selected: bool = False,
    with_contacts: bool = False,
) -> ListExport:
    """Note an export before its first row leaves.

    Raises DomainError where there is nothing or too much, Forbidden without the right.
    """
    access = access_of(actor)
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden
    if with_contacts and not access.can(Capability.CONTACT_VIEW):
        raise Forbidden(_("您没有看上报人联系方式的权限，请去掉这一项再导出。"))
    most = MOST_WITH_PHOTOS if kind == ExportKind.PHOTOS else MOST_CASES
    if cases > most:
        words = _("一次最多导出 %(most)s 件，请缩小条件，分几次导出。") % {"most": most}
        raise DomainError("too_many", words, field="format")
    if not cases:
        raise DomainError("nothing", _("没有符合条件的案件可以导出。"), field="format")
    if len(query) > MAX_QUERY:
        too_long = _("条件太多，导出记录存不下，请去掉几个再导出。")
        raise DomainError("query", too_long, field="format")
    return ListExport.objects.create(
        user=actor,
        at=at,
        kind=kind,
        query=query,
        cases=cases,
        selected=selected,
        with_contacts=with_contacts,
    )
