"""A signed digest is never changed or deleted, and keeps the cases behind its figures."""

from django.db import migrations

_REFUSE = """
CREATE FUNCTION inspections_signed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'digest % is signed: % refused', OLD.id, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER inspections_digest_signed BEFORE UPDATE OR DELETE ON inspections_digest
    FOR EACH ROW WHEN (OLD.state = 'signed') EXECUTE FUNCTION inspections_signed_stays();
"""
_ALLOW = """
DROP TRIGGER inspections_digest_signed ON inspections_digest;
DROP FUNCTION inspections_signed_stays();
"""


class Migration(migrations.Migration):
    """A trigger, so that it also stops the application's own role."""

    dependencies = [("inspections", "0019_lookback_hand_overs")]

    operations = [migrations.RunSQL(_REFUSE, _ALLOW)]
