"""What must hold of the exceptions, once every row says it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_fill_exceptions")]

    operations = [
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "closed"), ("closing", ""), _connector="XOR"),
                name="case_closed_has_closing",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("state", "merged")),
                    models.Q(("closing", "joined"), ("merged_into__isnull", False)),
                    models.Q(
                        models.Q(("state", "merged"), _negated=True),
                        models.Q(("closing", "joined"), _negated=True),
                        ("merged_into__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="case_joined_has_lead",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "suspended"), ("suspended_until__isnull", True), _connector="XOR"
                ),
                name="case_suspended_has_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("is_lead", True), ("state__in", ["issued", "received", "submitted"])
                ),
                fields=("case",),
                name="order_one_live_lead_a_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("clock_started_at__isnull", False),
                        ("is_paused", False),
                        ("state__in", ["issued", "received"]),
                    ),
                    models.Q(
                        ("clock_started_at__isnull", True),
                        ("is_paused", True),
                        ("state__in", ["issued", "received"]),
                    ),
                    models.Q(
                        ("clock_started_at__isnull", True),
                        ("is_paused", False),
                        ("state__in", ["submitted", "passed", "returned", "cancelled"]),
                    ),
                    _connector="OR",
                ),
                name="order_clock_runs_while_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("case__isnull", False), ("state__in", ["filed", "merged"])),
                    models.Q(
                        models.Q(("state__in", ["filed", "merged"]), _negated=True),
                        ("case__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="report_filed_has_case",
            ),
        ),
    ]
