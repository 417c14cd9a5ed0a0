"""Who may do what, as a page for people: Markdown, its table from the built-in roles alone.

Pure text: reads the roles and the capabilities, no database.
"""

from citymgmt.choices import Capability
from citymgmt.roles import BUILT_IN, BuiltInRole

INTRODUCTION = """\
# 权限

谁能做什么 = **角色**（能做哪些事）× **范围**（在哪儿做），都是数据，管理员在「设置」里改。
本页的表由 `python manage.py document_rights` 从 `citymgmt/roles.py` 生成，请勿手改。

*Rights are roles × scopes, both data. The table is generated from `citymgmt/roles.py` by
`python manage.py document_rights`; what follows it says how the rules hold together.*

## 内置角色
"""

RULES = """\
## 范围

- 一条**授权**（`grids.Grant`）= 人 × 角色 ×（单位及其下级 | 区划 | 全部）× 起止时间。
  收回就是结束，不删不改。
- **只管自己的**（`own_only`，队员）：自己经办、自己上报、自己网格里的。
- **案件只看要核查的**（`checks_only`，核查员）：等着核查的别单位的案件、自己核查过或要回头看的、
  自己上报的；
  网格、专报不受此限。案件行上的 `waits_check`、`checker_ids` 让它是一个走索引的条件。
- 范围之外一律 404，范围之内没有权限 403。行只从 `visible_to` 这一扇门出来；
  动作由 `cases/policies.py` 裁定。
- 内置角色不能改、不能删，可以复制一个再改副本。授权、停用账号、改角色，
  都不能拿掉最后一位能管人员与授权的人。

## 代班

单位负责人和副职可以「请人代班」（账号菜单），写明起止和事由，可只交出一个单位；随时收回或交还，
管理员也能安排和收回。

- 期限内代班的人有本人的授权；设置类权限（管人员、案由、日历、网格责任）
  和「只管自己的」授权不随班交出。
- 只交本人自己的授权，不层层转交；替别人代班的那几天不能再请人代自己的班。一次最长 92 天。
- 只靠代班才做得成的事，经过里记作「许志明（代陈立军）」，事件的 `payload.for` 是本人的编号；
  靠自己权限做的照常署名。
- 派给单位负责人的通知，代班的人同时收到。

## 回避

谁也不核查、不回头看、不审批自己单位的事。**自己单位** = 从派遣到提交之间任过职的单位、
它的上级（局机关除外）和下级，
行动组也算；替谁代班，谁的单位也算；离任、调动、收回代班都不改变那段时间的事实。
不在单位里、凭授权替它提交或申请的人，也不核查、不审批自己提交或申请的。
抽回头看的人时同样回避。
行动表里标了「回避」的动作（见 [流转](workflow.md)）都在同一处裁定，页面、接口走的是同一条路。

## 上报人联系方式

姓名电话不在任何页面和接口的平常内容里。有「看上报人联系方式」的人按「查看联系方式」（接口：
`GET /api/v1/reports/<报件号>/contact/`）才看得到，每看一次记一行（谁、何时、哪个报件、
页面还是接口）；
数据库不许改、不许删。管理员在「设置 › 联系方式查看记录」里看。

## 由什么守着

`tests/house/test_urls.py`：每个地址 × 每个人。`tests/house/test_rights.py`：
每个角色 × 每个动作 × 本单位、别单位、代班。
新地址、新动作没写期望，测试就不过。
"""


def page() -> str:
    """The whole page; the same roles always give the same text."""
    return f"{INTRODUCTION}\n{scopes()}\n\n{table()}\n\n{RULES}"


def scopes() -> str:
    """A line for every role: its code and what narrows it."""
    return "\n".join(f"- {role.name} `{role.code}`{_narrowing(role)}" for role in BUILT_IN)


def table() -> str:
    """Capabilities down, roles across."""
    head = f"| 能做的事 | {' | '.join(role.name for role in BUILT_IN)} |"
    rule = f"|---|{':-:|' * len(BUILT_IN)}"
    return "\n".join([head, rule, *(row(capability) for capability in Capability)])


def row(capability: Capability) -> str:
    """One capability as a row of the table."""
    marks = ("●" if capability in role.capabilities else "" for role in BUILT_IN)
    return f"| {capability.label} `{capability}` | {' | '.join(marks)} |"


def _narrowing(role: BuiltInRole) -> str:
    if role.own_only:
        return "：只管自己的和自己网格里的"
    return "：案件只看要核查和回头看的" if role.checks_only else ""
