"""Words that anybody would try first at this house: they make no password."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WORDS = (
    "citymgmt", "chengguan", "zhifa", "zhengfu", "zonghe", "ducha", "zhengai", "paichu", "zhongdui",
    "dadui", "zhihui", "wangge", "gongzuo", "xingzheng", "guanli", "admin", "password", "mima",
    "城市管理", "城管", "综合", "行政", "执法", "督查", "整改", "平台", "管理", "中队", "大队",
    "密码", "网格",
)  # fmt: skip
"""Of the trade and of the product; the bureau's own name and hosts are added."""
MIN_OTHER = 4


class WordsOfTheHouseValidator:
    """Refuses a password of which such words and figures leave too little."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError where fewer than MIN_OTHER letters are left."""
        names = [settings.BUREAU_NAME, *settings.ALLOWED_HOSTS]
        named = [part for name in names for part in re.split(r"[\W\d_]+", name) if len(part) > 1]
        rest = password.casefold()
        for word in sorted({*WORDS, *map(str.casefold, named)}, key=len, reverse=True):
            rest = rest.replace(word, " ")
        if sum(letter.isalpha() for letter in rest) < MIN_OTHER and rest != password.casefold():
            raise ValidationError(_("这样的密码最先被猜：不要只用单位、系统、行当里的词加数字。"))

    def get_help_text(self) -> str:
        """What is asked for."""
        return str(_("不要只用单位、系统、行当里的词加数字。"))
