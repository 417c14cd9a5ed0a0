"""Tokens of machines: printed once, kept as a hash, revoked."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.test import APIRequestFactory

from citymgmt.authentication import TokenAuthentication
from citymgmt.models import ApiToken, User
from citymgmt.services.accounts import revoke_token
from tests.city import NOW

pytestmark = pytest.mark.django_db


def create(*args: str) -> str:
    out = io.StringIO()
    call_command("create_token", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def owner_of(secret: str) -> User | None:
    request = APIRequestFactory().get("/", headers={"Authorization": f"Token {secret}"})
    found = TokenAuthentication().authenticate(request)
    return found[0] if found else None


def test_the_secret_is_printed_once_and_kept_as_a_hash_only(city):
    secret = create("officer", "--label", "视频平台")
    row = ApiToken.objects.get()
    assert owner_of(secret) == city.officer
    assert row.digest == ApiToken.hash_of(secret)
    assert secret not in str(vars(row).values())


def test_a_revoked_token_opens_nothing(city):
    secret = create("officer", "--label", "视频平台")
    pk = ApiToken.objects.get().pk
    assert revoke_token(token_id=pk, at=NOW)
    assert not revoke_token(token_id=pk, at=NOW), "a second time changes nothing"
    with pytest.raises(AuthenticationFailed):
        owner_of(secret)


def test_a_token_ends_on_its_day(city, hand):
    secret = create("officer", "--label", "视频平台", "--days", "7")
    hand.to(NOW + timedelta(days=7) - timedelta(seconds=1))
    assert owner_of(secret) == city.officer
    hand.to(NOW + timedelta(days=7))
    with pytest.raises(AuthenticationFailed):
        owner_of(secret)


def test_the_token_of_somebody_who_left_opens_nothing(city):
    secret = create("officer", "--label", "视频平台")
    User.objects.filter(pk=city.officer.pk).update(is_active=False)
    with pytest.raises(AuthenticationFailed):
        owner_of(secret)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("nobody", "--label", "x"), "没有工号为 nobody"),
        (("officer", "--label", "  "), "请写明令牌的用途"),
        (("officer", "--label", "长" * 61), "最多 60 个字"),
        (("officer", "--label", "x", "--days", "0"), "有效天数"),
    ],
)
def test_a_token_that_cannot_be_is_refused_in_words(city, args, said):
    with pytest.raises(CommandError, match=said):
        create(*args)
    assert not ApiToken.objects.exists()


def test_an_administrator_revokes_on_the_page(city, as_):
    create("officer", "--label", "视频平台")
    row = ApiToken.objects.get()
    as_("admin").post(
        "/admin/citymgmt/apitoken/", {"action": "revoke", "_selected_action": [row.pk]}
    )
    row.refresh_from_db()
    assert row.revoked_at == NOW
