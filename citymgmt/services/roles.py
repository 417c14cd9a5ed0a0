"""Roles: the built-in ones stay, a bureau's own are made beside them, often as a copy."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import Role

MAX_CODE, MAX_NAME = 30, 30
_MOST_COPIES = 99


def copy_role(*, role_id: int) -> Role:
    """A role of the bureau's own that may do what the other does, to be changed from there.

    Raises Role.DoesNotExist, or DomainError where there are too many copies already.
    """
    with transaction.atomic():
        role = Role.objects.select_for_update().get(pk=role_id)
        return Role.objects.create(
            code=_free_code(role.code),
            name=(_("%(name)s（副本）") % {"name": role.name[: MAX_NAME - 4]}),
            capabilities=role.capabilities,
            own_only=role.own_only,
            checks_only=role.checks_only,
        )


def _free_code(code: str) -> str:
    stem = code[: MAX_CODE - 3]
    taken = set(Role.objects.filter(code__startswith=stem).values_list("code", flat=True))
    for number in range(2, _MOST_COPIES + 1):
        wanted = f"{stem}-{number}"
        if wanted not in taken:
            return wanted
    raise DomainError("copies", _("这个角色的副本太多了，请先改用已有的。"))
