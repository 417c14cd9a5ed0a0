"""The rights over schemes and scores, and who of the built-in roles holds them."""

import importlib

import django.contrib.postgres.fields
from django.db import migrations, models

write_roles = importlib.import_module("citymgmt.migrations.0003_built_in_roles").write_roles


class Migration(migrations.Migration):
    dependencies = [
        ("citymgmt", "0023_right_to_keep_templates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="role",
            name="capabilities",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("case.view", "看案件"),
                        ("report.create", "上报"),
                        ("report.file", "受理立案"),
                        ("report.reject", "不予立案"),
                        ("case.dispatch", "派遣"),
                        ("case.merge", "并案"),
                        ("case.suspend", "挂账与恢复"),
                        ("case.force_close", "强制结案"),
                        ("case.void", "作废"),
                        ("case.self_handle", "自处理"),
                        ("case.supervise", "督办"),
                        ("case.instruct", "批示"),
                        ("case.urge", "催办"),
                        ("case.comment", "留言"),
                        ("case.label", "打标签"),
                        ("case.name", "点名责任方"),
                        ("case.correct", "更正案情"),
                        ("case.import", "导入台帐"),
                        ("instruction.answer", "答复批示"),
                        ("request.ask", "申请延期、挂账、申诉"),
                        ("request.decide", "审批申请"),
                        ("order.assign", "队内分派"),
                        ("order.rectify", "签收与整改"),
                        ("order.return", "退回派遣"),
                        ("order.check", "核查结案"),
                        ("lookback.record", "回头看"),
                        ("shop.check", "查门前三包"),
                        ("outing.plan", "安排随机抽查"),
                        ("digest.view", "看专报"),
                        ("digest.sign", "签发专报"),
                        ("score.edit", "管考核方案与公开"),
                        ("score.close", "编定考核成绩"),
                        ("wall.share", "开大屏链接"),
                        ("account.propose", "提出问责"),
                        ("account.decide", "决定问责"),
                        ("account.reply", "答复问责"),
                        ("campaign.edit", "管专项行动"),
                        ("campaign.report", "报专项行动进度"),
                        ("ledger.edit", "管问题台帐"),
                        ("ledger.sign", "台帐销号"),
                        ("grid.view", "看网格"),
                        ("grid.edit", "改网格责任"),
                        ("people.edit", "管人员与授权"),
                        ("catalogue.edit", "管案由与标准"),
                        ("calendar.edit", "管日历"),
                        ("channel.edit", "管通知渠道"),
                        ("photo.original", "看原图"),
                        ("contact.view", "看上报人联系方式"),
                    ],
                    max_length=30,
                ),
                default=list,
                size=None,
                verbose_name="能做的事",
            ),
        ),
        migrations.RunPython(write_roles, migrations.RunPython.noop),
    ]
