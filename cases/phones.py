"""Phone numbers as people are looked for by: whole, and under a key of the installation."""

import re
import unicodedata

from django.utils.crypto import salted_hmac

_SALT = "cases.phones"
_BESIDE = re.compile(r"[\s\-()·.]+")
_COUNTRY = re.compile(r"\A(\+|00)?86(?=1[3-9][0-9]{9}\Z|0?[1-9][0-9]{8,11}\Z)")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[1-9][0-9]{8,10}")
_LOCAL = re.compile(r"[2-9][0-9]{6,7}|1[0-9]{4}")


def whole_number(text: str, *, lenient: bool = False) -> str:
    """The digits of a whole phone number, without the country's; empty for anything else.

    A mobile number, or a landline with its area code; `lenient` also a local number, which
    among other words could as well be the start of a case number.
    """
    bare = _BESIDE.sub("", unicodedata.normalize("NFKC", text[:40]))
    digits = _COUNTRY.sub("", bare)
    known = [_MOBILE, _LANDLINE, *([_LOCAL] if lenient else [])]
    return digits if any(each.fullmatch(digits) for each in known) else ""


def key_of(digits: str) -> str:
    """What stands for a whole number in the index; empty for an empty one.

    It depends on `SECRET_KEY`: after a change of that `rekey_phones` writes the keys anew.
    """
    return salted_hmac(_SALT, digits, algorithm="sha256").hexdigest() if digits else ""
