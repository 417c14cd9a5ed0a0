"""`setup`: the ground of a new installation and its first administrator; safe to run again."""

import os
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.services.years import load_years
from grids.services.installation import FirstAdmin, has_admin, lay_ground, make_first_admin


class Command(BaseCommand):
    """Asks for what it was not given; with --noinput it takes options and environment only."""

    help = (
        "新装：默认作息、节假日、局本身和第一位管理员，再给出安装清单的地址。可重复运行。"
        "密码从环境变量 ADMIN_PASSWORD 读，没有就当场输入。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The bureau and its first administrator."""
        parser.add_argument("--username", help="第一位管理员的工号")
        parser.add_argument("--name", help="第一位管理员的姓名")
        parser.add_argument("--bureau", default=settings.BUREAU_NAME, help="局的名称")
        parser.add_argument("--noinput", action="store_true", help="不提问，缺什么就报错")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is still missing, and say where to go on."""
        try:
            self._say(lay_ground(bureau=options["bureau"]), _("作息和局本身"))
            self._say(bool(load_years(at=clock.now())), _("节假日与调休"))
            if has_admin():
                self.stdout.write(_("管理员：已有，不变。"))
            else:
                user = make_first_admin(admin=self._asked(options), at=clock.now())
                self.stdout.write(_("管理员：%(name)s 已建好。") % {"name": user})
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("接着照清单做：%(address)s") % {"address": _address()})

    def _say(self, new: bool, what: str) -> None:
        words = _("%(what)s：已建好。") if new else _("%(what)s：已有，不变。")
        self.stdout.write(words % {"what": what})

    def _asked(self, options: dict[str, Any]) -> FirstAdmin:
        quiet = options["noinput"]
        username = options["username"] or _ask(_("第一位管理员的工号："), quiet)
        name = options["name"] or _ask(_("姓名："), quiet)
        password = os.environ.get("ADMIN_PASSWORD", "")
        if not password:
            if quiet:
                raise CommandError(_("请用环境变量 ADMIN_PASSWORD 给出管理员的密码。"))
            password = getpass(_("密码："))
            if getpass(_("再输一遍：")) != password:
                raise CommandError(_("两次输入的密码不一样，请再运行一次。"))
        return FirstAdmin(username.strip(), name.strip(), password)


def _ask(question: str, quiet: bool) -> str:
    if quiet:
        raise CommandError(_("请用 --username 和 --name 给出第一位管理员。"))
    return input(question)


def _address() -> str:
    """Where the checklist is, as far as the settings know the site's name."""
    if settings.CSRF_TRUSTED_ORIGINS:
        origin = settings.CSRF_TRUSTED_ORIGINS[0]
    else:
        scheme = "https" if settings.HTTPS else "http"
        origin = f"{scheme}://{settings.ALLOWED_HOSTS[0]}"
    return origin + reverse("setup")
