"""The groups of the demonstration city. It has no internet: what they hear is copied by hand."""

from citymgmt.choices import ChannelKind, ChannelMode
from citymgmt.services.channels import ChannelFacts, add_channel
from grids.models import Team
from inspections.demo.founding import Founded

GROUPS = {"bureau": "督查整改工作群", "jidong": "机动中队工作群"}


def open_groups(founded: Founded) -> None:
    """A group for the bureau and one for a squadron; what comes from now on waits there."""
    for code, name in GROUPS.items():
        told = ChannelFacts(name=name, mode=ChannelMode.HAND, heading="督查整改")
        keeper = founded.people["admin"]
        channel = add_channel(kind=ChannelKind.DINGTALK, told=told, actor=keeper)
        Team.objects.filter(code=code).update(channel=channel)
