"""The points of patrols: one table in parts by month, made ahead; the rest catches what has none.

`grids_track_part` makes the part of a month, once, and moves there what the rest caught of it.
"""

import django.db.models.deletion
from django.db import migrations, models

_TABLE = """
ALTER TABLE grids_patrol ADD CONSTRAINT patrol_in_its_month UNIQUE (id, month);

CREATE TABLE grids_trackpoint (
    patrol_id bigint NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    month date NOT NULL,
    seq integer NOT NULL CHECK (seq >= 0),
    accuracy_m integer NOT NULL CHECK (accuracy_m >= 0),
    CONSTRAINT track_point_once PRIMARY KEY (month, patrol_id, seq),
    -- Of the month of its patrol and no other: so a number is once a patrol, whatever part.
    CONSTRAINT track_point_in_its_month FOREIGN KEY (patrol_id, month)
        REFERENCES grids_patrol (id, month) DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (month);

CREATE TABLE grids_trackpoint_rest PARTITION OF grids_trackpoint DEFAULT;

CREATE FUNCTION grids_track_part(asked date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', asked);
    until date := first + interval '1 month';
    part text := 'grids_trackpoint_' || to_char(first, 'YYYYMM');
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- Nothing falls into the rest until the part is there; two that come at once make one.
    LOCK TABLE grids_trackpoint_rest IN ACCESS EXCLUSIVE MODE;
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE grids_trackpoint INCLUDING ALL)', part);
    EXECUTE format(
        'WITH moved AS (DELETE FROM grids_trackpoint_rest WHERE month >= %L AND month < %L'
        ' RETURNING *) INSERT INTO %I SELECT * FROM moved', first, until, part);
    EXECUTE format(
        'ALTER TABLE grids_trackpoint ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        part, first, until);
    RETURN true;
END $$;

SELECT grids_track_part(now()::date), grids_track_part((now() + interval '1 month')::date);
"""
_GONE = "DROP FUNCTION grids_track_part(date); DROP TABLE grids_trackpoint;"
_GONE += "ALTER TABLE grids_patrol DROP CONSTRAINT patrol_in_its_month;"


class Migration(migrations.Migration):
    dependencies = [("grids", "0011_patrols")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_TABLE, _GONE)],
            state_operations=[
                migrations.CreateModel(
                    name="TrackPoint",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "month",
                                "patrol_id",
                                "seq",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("month", models.DateField()),
                        ("seq", models.PositiveIntegerField()),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("lon", models.FloatField(verbose_name="经度")),
                        ("lat", models.FloatField(verbose_name="纬度")),
                        ("accuracy_m", models.PositiveIntegerField(verbose_name="精度（米）")),
                        ("received_at", models.DateTimeField(verbose_name="收到")),
                        (
                            "patrol",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="points",
                                to="grids.patrol",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "轨迹点",
                        "verbose_name_plural": "轨迹点",
                    },
                ),
            ],
        ),
    ]
