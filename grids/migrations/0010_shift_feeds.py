import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0009_team_channel"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="peoplerecord",
            name="verb",
            field=models.CharField(
                choices=[
                    ("team.made", "新建单位"),
                    ("team.edited", "改了单位"),
                    ("person.made", "新建人员"),
                    ("person.edited", "改了资料"),
                    ("person.off", "停用账号"),
                    ("person.on", "启用账号"),
                    ("member.joined", "到任"),
                    ("member.left", "离任"),
                    ("member.post", "改了职务"),
                    ("grant.given", "给了授权"),
                    ("grant.taken", "收回授权"),
                    ("certificate.kept", "登记证书"),
                    ("certificate.ended", "作废证书"),
                    ("leave.made", "登记请假"),
                    ("leave.covered", "安排顶岗"),
                    ("leave.ended", "销假"),
                    ("hours.set", "改了班次时间"),
                    ("roster.set", "排班"),
                    ("roster.copied", "复制排班"),
                    ("cards.made", "做了公示牌"),
                    ("card.renewed", "换了公示牌的码"),
                    ("table.imported", "导入表格"),
                ],
                max_length=20,
                verbose_name="做了什么",
            ),
        ),
        migrations.CreateModel(
            name="ShiftFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("hint", models.CharField(editable=False, max_length=8, verbose_name="开头")),
                ("made_at", models.DateTimeField(verbose_name="开出时间")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="收回时间"),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shift_feeds",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "班次日历",
                "verbose_name_plural": "班次日历",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("person",),
                        name="shift_feed_one_in_use",
                    )
                ],
            },
        ),
    ]
