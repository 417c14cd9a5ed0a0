"""The words of accountabilities: a class of personal data of their own, kept until a bureau says
how long."""

from django.db import migrations, models


def add(apps, schema_editor):
    """A rule without days: nothing is erased unasked."""
    apps.get_model("cases", "RetentionRule").objects.get_or_create(code="account_text")


def remove(apps, schema_editor):
    """Take the rule away again."""
    apps.get_model("cases", "RetentionRule").objects.filter(code="account_text").delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0033_what_stands")]

    operations = [
        migrations.AlterField(
            model_name="retentionrule",
            name="code",
            field=models.CharField(
                choices=[
                    ("contact", "上报人的姓名和电话"),
                    ("rejected_text", "不予立案报件的文字"),
                    ("closed_text", "办结案件的文字（原话与经过里的话）"),
                    ("account_text", "了结的问责的文字（事由、决定、答复、申诉）"),
                    ("notice", "发给个人的通知"),
                ],
                max_length=20,
                primary_key=True,
                serialize=False,
                verbose_name="个人信息",
            ),
        ),
        migrations.RunPython(add, remove),
    ]
