"""Choices of the platform: value, label, and where it matters a tone."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PhotoKind(models.TextChoices):
    """What a photo shows; before and after are required to submit an order."""

    NEAR = "near", _("近景")
    FAR = "far", _("远景")
    REFERENCE = "reference", _("参照")
    BEFORE = "before", _("整改前")
    AFTER = "after", _("整改后")
    RECHECK = "recheck", _("复查")
    DOCUMENT = "document", _("文书")


class PhotoSubject(models.TextChoices):
    """The kind of row that owns a photo once it is claimed."""

    UNCLAIMED = "", _("未使用")
    REPORT = "report", _("报件")
    ORDER = "order", _("整改单")
    LOOKBACK = "lookback", _("回头看")
    COMMENT = "comment", _("留言")
    PLEDGE = "pledge", _("门前三包责任书")
    SHOP_VISIT = "shop_visit", _("门前三包检查")
    SPOT_ANSWER = "spot_answer", _("抽查检查项")


class Tone(models.TextChoices):
    """A state is told by a word, a shape and a colour; the tone picks shape and colour."""

    MUTED = "muted", _("等待")
    DOING = "doing", _("进行")
    OK = "ok", _("完成")
    WARN = "warn", _("留意")
    BAD = "bad", _("出错")
    HOLD = "hold", _("搁置")


class ChannelKind(models.TextChoices):
    """What a channel speaks: mail, a group robot's protocol, or a signed request."""

    MAIL = "mail", _("邮件")
    DINGTALK = "dingtalk", _("钉钉群机器人")
    WECOM = "wecom", _("企业微信群机器人")
    FEISHU = "feishu", _("飞书群机器人")
    WEBHOOK = "webhook", _("网址推送")


class ChannelMode(models.TextChoices):
    """Who carries what a channel has to say: the worker, a person by copying it, or nobody."""

    AUTO = "auto", _("自动发送")
    HAND = "hand", _("手工复制到群")
    OFF = "off", _("停用")


class NoticeState(models.TextChoices):
    """How far a notice to a channel is; a line of an inbox has none."""

    INBOX = "", _("收件箱")
    WAITING = "waiting", _("待发")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发")
    DEAD = "dead", _("没发出去")


class MessageState(models.TextChoices):
    """What became of one message to a channel."""

    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发")
    REFUSED = "refused", _("被退回")
    UNANSWERED = "unanswered", _("没有回音")
    BY_HAND = "by_hand", _("手工转发")


class NoticeGroup(models.TextChoices):
    """What a notice is about, coarse enough to choose by: see `notice_kinds`."""

    ORDER = "order", _("派单与分派")
    CHASE = "chase", _("催办与超时")
    RETURN = "return", _("退回与返工")
    REQUEST = "request", _("申请与审批")
    LOOKBACK = "lookback", _("回头看与反弹")
    SAID = "said", _("督办、批示、留言与关注")
    DIGEST = "digest", _("督查专报")
    VIEW = "view", _("订阅的视图")
    OTHER = "other", _("排班、行动等其他")


class Capability(models.TextChoices):
    """One thing a role may do. Roles are data; these are the words they are made of."""

    CASE_VIEW = "case.view", _("看案件")
    REPORT_CREATE = "report.create", _("上报")
    REPORT_FILE = "report.file", _("受理立案")
    REPORT_REJECT = "report.reject", _("不予立案")
    CASE_DISPATCH = "case.dispatch", _("派遣")
    CASE_MERGE = "case.merge", _("并案")
    CASE_SUSPEND = "case.suspend", _("挂账与恢复")
    CASE_FORCE_CLOSE = "case.force_close", _("强制结案")
    CASE_VOID = "case.void", _("作废")
    CASE_SELF_HANDLE = "case.self_handle", _("自处理")
    CASE_SUPERVISE = "case.supervise", _("督办")
    CASE_INSTRUCT = "case.instruct", _("批示")
    CASE_URGE = "case.urge", _("催办")
    CASE_COMMENT = "case.comment", _("留言")
    CASE_LABEL = "case.label", _("打标签")
    CASE_NAME = "case.name", _("点名责任方")
    CASE_CORRECT = "case.correct", _("更正案情")
    CASE_IMPORT = "case.import", _("导入台帐")
    INSTRUCTION_ANSWER = "instruction.answer", _("答复批示")
    REQUEST_ASK = "request.ask", _("申请延期、挂账、申诉")
    REQUEST_DECIDE = "request.decide", _("审批申请")
    ORDER_ASSIGN = "order.assign", _("队内分派")
    ORDER_RECTIFY = "order.rectify", _("签收与整改")
    ORDER_RETURN = "order.return", _("退回派遣")
    ORDER_CHECK = "order.check", _("核查结案")
    LOOKBACK_RECORD = "lookback.record", _("回头看")
    SHOP_CHECK = "shop.check", _("查门前三包")
    OUTING_PLAN = "outing.plan", _("安排随机抽查")
    DIGEST_VIEW = "digest.view", _("看专报")
    DIGEST_SIGN = "digest.sign", _("签发专报")
    SCORE_EDIT = "score.edit", _("管考核方案与公开")
    SCORE_CLOSE = "score.close", _("编定考核成绩")
    WALL_SHARE = "wall.share", _("开大屏链接")
    ACCOUNT_PROPOSE = "account.propose", _("提出问责")
    ACCOUNT_DECIDE = "account.decide", _("决定问责")
    ACCOUNT_REPLY = "account.reply", _("答复问责")
    CAMPAIGN_EDIT = "campaign.edit", _("管专项行动")
    CAMPAIGN_REPORT = "campaign.report", _("报专项行动进度")
    LEDGER_EDIT = "ledger.edit", _("管问题台帐")
    LEDGER_SIGN = "ledger.sign", _("台帐销号")
    GRID_VIEW = "grid.view", _("看网格")
    GRID_EDIT = "grid.edit", _("改网格责任")
    PEOPLE_EDIT = "people.edit", _("管人员与授权")
    CATALOGUE_EDIT = "catalogue.edit", _("管案由与标准")
    CALENDAR_EDIT = "calendar.edit", _("管日历")
    CHANNEL_EDIT = "channel.edit", _("管通知渠道")
    TEMPLATE_EDIT = "template.edit", _("管文书模板")
    PHOTO_ORIGINAL = "photo.original", _("看原图")
    CONTACT_VIEW = "contact.view", _("看上报人联系方式")
    TRACK_VIEW = "track.view", _("看巡查轨迹")
