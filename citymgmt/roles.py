"""The built-in roles as data; a migration writes them, an administrator may add others."""

from dataclasses import dataclass

from citymgmt.choices import Capability as C


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A role that every installation has."""

    code: str
    name: str
    capabilities: tuple[C, ...]
    own_only: bool = False
    checks_only: bool = False


BUILT_IN: tuple[BuiltInRole, ...] = (
    BuiltInRole(
        "admin",
        "管理员",
        (
            C.CASE_VIEW,
            C.CASE_IMPORT,
            C.DIGEST_VIEW,
            C.WALL_SHARE,
            C.CAMPAIGN_EDIT,
            C.LEDGER_EDIT,
            C.GRID_VIEW,
            C.GRID_EDIT,
            C.PEOPLE_EDIT,
            C.CATALOGUE_EDIT,
            C.CALENDAR_EDIT,
            C.CHANNEL_EDIT,
            C.PHOTO_ORIGINAL,
        ),
    ),
    BuiltInRole(
        "dispatcher",
        "受理派遣",
        (
            C.CASE_VIEW,
            C.REPORT_CREATE,
            C.REPORT_FILE,
            C.REPORT_REJECT,
            C.CASE_DISPATCH,
            C.CASE_MERGE,
            C.CASE_CORRECT,
            C.CASE_IMPORT,
            C.CASE_SUSPEND,
            C.CASE_VOID,
            C.CASE_URGE,
            C.CASE_LABEL,
            C.CASE_NAME,
            C.CASE_COMMENT,
            C.REQUEST_DECIDE,
            C.INSTRUCTION_ANSWER,
            C.GRID_VIEW,
            C.DIGEST_VIEW,
            C.CONTACT_VIEW,
            C.PHOTO_ORIGINAL,
        ),
    ),
    BuiltInRole(
        "supervisor",
        "督查",
        (
            C.CASE_VIEW,
            C.REPORT_CREATE,
            C.REPORT_FILE,
            C.REPORT_REJECT,
            C.CASE_DISPATCH,
            C.CASE_MERGE,
            C.CASE_CORRECT,
            C.CASE_IMPORT,
            C.CASE_SUSPEND,
            C.CASE_FORCE_CLOSE,
            C.CASE_VOID,
            C.CASE_SELF_HANDLE,
            C.CASE_SUPERVISE,
            C.CASE_URGE,
            C.CASE_LABEL,
            C.CASE_NAME,
            C.CASE_COMMENT,
            C.REQUEST_DECIDE,
            C.INSTRUCTION_ANSWER,
            C.ORDER_CHECK,
            C.LOOKBACK_RECORD,
            C.DIGEST_VIEW,
            C.DIGEST_SIGN,
            C.WALL_SHARE,
            C.ACCOUNT_PROPOSE,
            C.ACCOUNT_DECIDE,
            C.CAMPAIGN_EDIT,
            C.CAMPAIGN_REPORT,
            C.LEDGER_EDIT,
            C.LEDGER_SIGN,
            C.SHOP_CHECK,
            C.OUTING_PLAN,
            C.GRID_VIEW,
            C.CONTACT_VIEW,
            C.PHOTO_ORIGINAL,
        ),
    ),
    BuiltInRole(
        "inspector",
        "核查员",
        (
            C.CASE_VIEW,
            C.REPORT_CREATE,
            C.CASE_SELF_HANDLE,
            C.CASE_NAME,
            C.CASE_COMMENT,
            C.ORDER_CHECK,
            C.LOOKBACK_RECORD,
            C.SHOP_CHECK,
            C.GRID_VIEW,
            C.DIGEST_VIEW,
            C.PHOTO_ORIGINAL,
        ),
        checks_only=True,
    ),
    BuiltInRole(
        "leader",
        "中队长",
        (
            C.CASE_VIEW,
            C.REPORT_CREATE,
            C.CASE_SELF_HANDLE,
            C.CASE_LABEL,
            C.CASE_NAME,
            C.CASE_COMMENT,
            C.INSTRUCTION_ANSWER,
            C.REQUEST_ASK,
            C.ORDER_ASSIGN,
            C.ORDER_RECTIFY,
            C.ORDER_RETURN,
            C.ACCOUNT_REPLY,
            C.CAMPAIGN_REPORT,
            C.SHOP_CHECK,
            C.GRID_VIEW,
            C.DIGEST_VIEW,
        ),
    ),
    BuiltInRole(
        "officer",
        "队员",
        (
            C.CASE_VIEW,
            C.REPORT_CREATE,
            C.CASE_SELF_HANDLE,
            C.CASE_NAME,
            C.CASE_COMMENT,
            C.ORDER_RECTIFY,
            C.ORDER_RETURN,
            C.SHOP_CHECK,
            C.GRID_VIEW,
        ),
        own_only=True,
    ),
    BuiltInRole(
        "viewer",
        "领导查看",
        (
            C.CASE_VIEW,
            C.CASE_INSTRUCT,
            C.CASE_COMMENT,
            C.DIGEST_VIEW,
            C.ACCOUNT_DECIDE,
            C.GRID_VIEW,
        ),
    ),
)
