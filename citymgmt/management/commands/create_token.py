"""`create_token USER --label WHAT`: a machine's key to the API, printed once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.accounts import issue_token

MAX_DAYS = 3650


class Command(BaseCommand):
    """Print a new token; only its hash is kept."""

    help = "为一个账号发接口令牌。令牌只显示这一次，库里只存哈希；可在设置里吊销。"

    def add_arguments(self, parser: CommandParser) -> None:
        """USER, what it is for, how long it works."""
        parser.add_argument("user", metavar="USER", help="工号")
        parser.add_argument("--label", required=True, help="用途，如“视频平台对接”")
        parser.add_argument("--days", type=int, help="有效天数，不填则一直有效")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token and print it alone on the standard output."""
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(_("没有工号为 %(user)s 的账号。") % {"user": options["user"]})
        at, days = clock.now(), options["days"]
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise CommandError(_("有效天数应在 1 到 %(most)s 之间。") % {"most": MAX_DAYS})
        expires_at = at + timedelta(days=days) if days else None
        try:
            _token, secret = issue_token(
                user=user, label=options["label"], at=at, expires_at=expires_at
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(_("%(user)s 的令牌，只显示这一次，请立即保存：") % {"user": user})
        self.stdout.write(secret)
