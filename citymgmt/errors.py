"""The one exception that speaks to people; everything else is a bug."""

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal in words that say what to do. `code` is stable, `field` names the input."""

    status = 400

    def __init__(self, code: str, message: object, *, field: str = "") -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.field = field


class Forbidden(DomainError):
    """In scope, without the right."""

    status = 403

    def __init__(self, message: object = _("您没有这项权限，请找本单位管理员开通。")) -> None:
        super().__init__("forbidden", message)


class Conflict(DomainError):
    """Somebody else got there first, or the page is out of date."""

    status = 409

    def __init__(self, message: object = _("已被他人处理，请刷新后再看。")) -> None:
        super().__init__("conflict", message)


class BadTransition(DomainError):
    """The move is not allowed from where the subject stands."""

    status = 409

    def __init__(self, message: object) -> None:
        super().__init__("state", message)
