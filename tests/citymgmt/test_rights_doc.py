"""The page of rights says what the built-in roles are, and is held to them."""

import pytest
from django.core.management import CommandError, call_command

from citymgmt.choices import Capability
from citymgmt.management.commands.document_rights import Command
from citymgmt.management.rights_page import page, row, scopes
from citymgmt.models import Role
from citymgmt.roles import BUILT_IN


def test_the_file_in_docs_is_what_the_roles_say_today():
    assert Command.target.read_text(encoding="utf-8") == page()
    call_command("document_rights", "--check")


def test_a_file_that_says_something_else_is_found_and_mended(tmp_path, capsys):
    copy = tmp_path / "rights.md"
    with pytest.raises(CommandError):
        call_command("document_rights", "--check", to=copy)
    copy.write_text(page().replace("●", "○", 1), encoding="utf-8")
    with pytest.raises(CommandError, match="document_rights"):
        call_command("document_rights", "--check", to=copy)
    call_command("document_rights", to=copy)
    call_command("document_rights", "--check", to=copy)
    assert capsys.readouterr().out.strip() == str(copy)


@pytest.mark.parametrize("capability", Capability)
def test_a_row_marks_the_roles_that_hold_it(capability):
    marks = [cell.strip() for cell in row(capability).strip("|").split("|")][1:]
    assert [mark == "●" for mark in marks] == [capability in role.capabilities for role in BUILT_IN]


@pytest.mark.django_db
def test_the_database_has_the_same_roles(db):
    rows = {role.code: role for role in Role.objects.filter(built_in=True)}
    assert set(rows) == {role.code for role in BUILT_IN}
    for role in BUILT_IN:
        row_ = rows[role.code]
        assert (row_.name, set(row_.capabilities)) == (role.name, set(role.capabilities))
        assert (row_.own_only, row_.checks_only) == (role.own_only, role.checks_only)
        assert f"`{role.code}`" in scopes()
