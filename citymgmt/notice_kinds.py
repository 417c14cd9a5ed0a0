"""What each kind of notice is about: people choose by these groups."""

from citymgmt.choices import NoticeGroup as G

GROUPS: dict[str, G] = {
    "order.issued": G.ORDER,
    "order.assigned": G.ORDER,
    "order.unassigned": G.ORDER,
    "order.cancelled": G.ORDER,
    "order.recomputed": G.ORDER,
    "bulk.done": G.ORDER,
    "order.reminded": G.CHASE,
    "order.overdue": G.CHASE,
    "stage.reminded": G.CHASE,
    "stage.overdue": G.CHASE,
    "case.urged": G.CHASE,
    "order.returned": G.RETURN,
    "order.reworked": G.RETURN,
    "report.decided": G.RETURN,
    "request.asked": G.REQUEST,
    "request.decided": G.REQUEST,
    "case.resumed": G.REQUEST,
    "lookback.opens": G.LOOKBACK,
    "lookback.overdue": G.LOOKBACK,
    "lookback.rebound": G.LOOKBACK,
    "lookback.second": G.LOOKBACK,
    "case.said": G.SAID,
    "case.mentioned": G.SAID,
    "case.watched": G.SAID,
    "instruction.answered": G.SAID,
    "digest.composed": G.DIGEST,
    "digest.signed": G.DIGEST,
    "view.told": G.VIEW,
    "grid.handed": G.OTHER,
    "leave": G.OTHER,
    "deputy": G.OTHER,
    "outing.planned": G.OTHER,
    "campaign.task": G.OTHER,
    "channel.test": G.OTHER,
}


def group_of(kind: str) -> G:
    """What a notice of the kind is about; what is not listed is of the rest."""
    if kind.startswith("account."):
        return G.SAID
    return GROUPS.get(kind, G.OTHER)
