"""What every endpoint above the platform stands on: the person's access, rights, small rows."""

from typing import cast

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from citymgmt.api.rows import Outgoing
from citymgmt.errors import Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.policies import Access


class Scoped(APIView):
    """Knows the person's access, and refuses those without the view's capability.

    `capability` empty lets every signed-in person pass.
    """

    capability: str = ""

    @property
    def access(self) -> Access:
        """The access of the person who asks."""
        return access_of(cast(User, self.request.user))

    def needed(self) -> str:
        """The capability that this request needs."""
        return self.capability

    def check_permissions(self, request: Request) -> None:
        """Signed in, then the capability; raises Forbidden."""
        super().check_permissions(request)
        needed = self.needed()
        if needed and not self.access.can(needed):
            raise Forbidden


class PersonOut(Outgoing):
    """A person as others see him."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class TeamRef(Outgoing):
    """A team in short."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class CellRef(Outgoing):
    """A cell in short."""

    code = serializers.CharField()
    name = serializers.CharField()


class AreaRef(serializers.Serializer):
    """A division in short."""

    code = serializers.CharField(help_text=_("区划代码"))
    name = serializers.CharField()
