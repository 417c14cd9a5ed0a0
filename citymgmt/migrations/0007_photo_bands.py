"""Perceptual hashes found by four bands of sixteen bits; pictures too flat for one have none."""

from django.db import migrations, models
from django.db.models import F, Q


def _band(shift):
    return models.Index(
        F("phash").bitrightshift(shift).bitand(65535), name=f"derivation_band_{shift}"
    )


# A hash against the median sets about half of its bits; a flat picture's hash sets hardly any.
_FLAT = """
    SET CONSTRAINTS ALL IMMEDIATE;
    UPDATE citymgmt_derivation SET phash = NULL, is_flat = true
    WHERE phash IS NOT NULL AND bit_count(phash::bit(64)) < 16;
"""
_ROUND = """
    SET CONSTRAINTS ALL IMMEDIATE;
    UPDATE citymgmt_derivation SET phash = 0 WHERE is_flat;
"""


class Migration(migrations.Migration):
    dependencies = [("citymgmt", "0006_role_checks_only")]

    operations = [
        migrations.RemoveConstraint("derivation", "derivation_done_has_hash"),
        migrations.AddField(
            "derivation", "is_flat", models.BooleanField(default=False, verbose_name="画面单一")
        ),
        migrations.RunSQL(_FLAT, _ROUND),
        *(migrations.AddIndex("derivation", _band(shift)) for shift in (48, 32, 16, 0)),
        migrations.AddConstraint(
            "derivation",
            models.CheckConstraint(
                condition=Q(done_at__isnull=True)
                | Q(phash__isnull=False, is_flat=False)
                | Q(phash__isnull=True, is_flat=True),
                name="derivation_done_has_hash",
            ),
        ),
    ]
