"""What the people of the demonstration write: reasons, decisions, remarks. All made up. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from inspections.demo.plots import Story

Line = tuple[str, str]
"""The scenes that a sentence fits, parted by blanks (none: all), and the sentence."""

LINES: Mapping[str, tuple[Line, ...]] = MappingProxyType(
    {
        "handled": (
            ("shop_spill", "当场劝店主把货收回门内，{road} {door} 号前人行道已让出。"),
            (
                "shop_spill stall",
                "店主配合，{road} {door} 号门前物品当面收进店里，已讲明不能再摆。",
            ),
            ("pile", "和物业一起搬走，通道恢复，{road} {door} 号旁已扫净。"),
            ("cars", "打了挪车电话，车主十分钟内把车开走，{road} {door} 号前 {n} 辆已清。"),
            ("hawker", "劝离摊主，引到临时便民摊点，{road} {door} 号前已畅通。"),
            ("stickers", "{road} {door} 号当场铲除 {n} 平方米，底色已刷平。"),
            ("bins", "{road} {door} 号旁满溢垃圾随车清走，桶边地面已冲洗。"),
            ("bikes", "{road} {door} 号前摆正 {n} 辆，店门口通道让出。"),
            ("lightbox", "灯箱由店主自行搬回，{road} {door} 号前已清。"),
            ("washing", "{road} {door} 号住户当场收走衣物，拉绳已剪除。"),
            ("", "{road} {door} 号，发现后当场处理完，照片已拍。"),
        ),
        "result": (
            ("shop_spill stall", "货物已全部收进店里，店主写了承诺。"),
            ("shop_spill stall", "桌椅、货架已撤回，{road} {door} 号前盲道通了。"),
            ("pile", "堆物已清走，地面扫净，和责任人约定不再堆放。"),
            ("pile", "装车清运，{road} {door} 号旁通道恢复。"),
            ("cars bikes", "{n} 辆已驶离或摆正，通道让出。"),
            ("hawker", "摊贩已劝离，引到便民摊点。"),
            ("hawker", "已劝离，{road}留一人守到收摊。"),
            ("stickers", "已铲除 {n} 平方米，底色已刷。"),
            ("bins", "已清运，桶体和地面已冲洗。"),
            ("pothole", "坑洞已切缝填补压实，{road} {door} 号前恢复通行。"),
            ("lightbox", "已由店主拆回，墙面恢复。"),
            ("washing", "衣物已收，拉绳已拆。"),
            ("manhole", "已换新井盖，四周填实，车压不响。"),
            ("", "已当场整改，照片为证。"),
            ("", "已整改，并请店主作了承诺。"),
            ("", "{road} {door} 号已整改完毕。"),
        ),
        "rework": (
            ("", "还有一部分没有清走，请再清一遍。"),
            ("", "{road} {door} 号左侧还剩一角，整改后照片没有拍到。"),
            ("", "主体清了，地上散落的没有扫，请补做。"),
            ("", "照片角度和整改前对不上，请站原位再拍，并把余下的清完。"),
            ("shop_spill stall lightbox", "货架收了，遮阳棚还伸在外面，请一并收回。"),
            ("pothole manhole", "填得不平，和路面有高差，请重新压实。"),
        ),
        "return": (
            ("", "不在本队辖区，请另派。"),
            ("", "{road} {door} 号在路的另一侧，归相邻中队。"),
            ("", "属施工单位包干路段，请派给有设备的单位。"),
            ("", "现场权属在铁路用地内，本队无权处理，请另派。"),
        ),
        "rebound": (
            ("", "又摆出来了，和上次一样。"),
            ("", "{road} {door} 号恢复原样，据说前一天晚上就又开始了。"),
            ("shop_spill stall hawker", "队员一走又出来，占得比上次还宽。"),
            ("pile bins", "同一处又堆了一堆，比上次少一些。"),
            ("cars bikes", "又停了 {n} 辆，位置没变。"),
            ("stickers", "原处又贴了新的，号码换过。"),
        ),
        "false": (
            ("", "现场和整改后照片不符，当时没有整改。"),
            ("", "照片是隔壁门面的，{road} {door} 号原样未动。"),
            ("", "只拍了清过的半边，另半边一直没有动。"),
        ),
        "unverified": (
            ("", "店面关门，进不去。"),
            ("", "{road}施工围挡，{door} 号看不到现场。"),
            ("", "下大雨，地面全是水，看不出来。"),
        ),
        "reject": (
            ("", "{road} {door} 号已到场看过，问题不存在，请上报人补拍现场照片再报。"),
            ("", "该处属小区内部，由物业管理，已转告{cell}所在社区，不予立案。"),
            ("", "{road} {door} 号是经批准的便民摊点，时段内经营，不予立案。"),
            ("", "照片和地点对不上，{road}没有 {door} 号，无法核实，不予立案。"),
            ("", "反映的是邻里纠纷，不属城市管理范围，已转{cell}所在社区调解。"),
            ("shop_spill stall hawker", "{road} {door} 号在外摆试点路段内，未出划线，不予立案。"),
            ("", "{road} {door} 号的施工有占道许可，本月底到期，不予立案。"),
        ),
        "void": (
            ("", "{road} {door} 号派遣后查实是另一个县区的路段，录错地点，作废。"),
            ("", "同一张照片误录两次，{road} {door} 号另有案件在办，此件作废。"),
            ("", "测试视频抓拍误报，{road} {door} 号画面里是广告图案，不是实物。"),
            ("", "上报人来电更正：看错门牌，{road} {door} 号无此问题。"),
        ),
        "force": (
            ("pothole manhole", "{road}整段改造已进场，本处随工程一并处理，先行结案并移交市政科。"),
            ("shop_spill stall", "{road} {door} 号店铺已搬离并封门，整改对象灭失，强制结案。"),
            ("", "责任主体已注销，{road} {door} 号列入联合整治清单另办，强制结案。"),
            ("", "{cell}征收拆迁，{door} 号今起围挡，现场无法再整改，强制结案。"),
        ),
        "merge": (
            ("", "同在{road} {door} 号，说的是同一处，两件一起办。"),
            ("", "{road} {door} 号现场只有一处问题，先后两人上报，并入在办的一件。"),
            ("", "{road} {door} 号前后拍的两个角度，核对照片后确认同一件事。"),
            ("", "问过{cell}网格长，就是先前那一处，并案办理。"),
        ),
        "transfer": (
            ("", "{road} {door} 号在两队交界，原派单位人手去了活动保障，改由机动中队办。"),
            ("", "到场看是路口，{road} {door} 号按责任清单归机动中队，请尽快签收。"),
            ("", "{cell}今晚有夜查任务，抽不出人，请机动中队接办。"),
            (
                "shop_spill stall hawker",
                "{road} {door} 号店主上周刚和原派单位起过争执，换机动中队去说。",
            ),
            ("", "{road}沿线今天由机动中队集中整治，此件一并交给他们。"),
            (
                "pothole manhole pile",
                "{road} {door} 号要动用吊车，原单位没有，改派机动中队调车处理。",
            ),
        ),
        "assist": (
            ("", "请派人到{road} {door} 号配合，整改后一并保洁。"),
            ("pile bins", "垃圾量大，请出一辆清运车到{road} {door} 号。"),
            ("shop_spill stall hawker", "主办劝离后地面油污重，请冲洗{road} {door} 号前路面。"),
            ("bins pothole manhole", "现场要围挡和疏导，请派两人到{road} {door} 号。"),
            ("stickers", "铲下的纸屑请随手清走，{cell}这一面墙约 {n} 平方米。"),
        ),
        "assist_note": (
            ("", "已到{road} {door} 号配合，清运一车，路面冲洗两遍。"),
            ("", "派两人到场，协同主办单位处理完，{road}已保洁。"),
            ("", "协办完成：{road} {door} 号前垃圾和油污已清。"),
        ),
        "extension": (
            ("pothole manhole", "连着下雨，{road} {door} 号沥青铺不了，请再给一个时限。"),
            ("pothole", "切缝后发现下面是空的，要先回填再铺，{road}半幅要等一晚。"),
            ("manhole", "{road} {door} 号这种口径的井盖库里没有，已从市里调，明早到。"),
            ("shop_spill stall", "{road} {door} 号店主去进货，店员不肯动，约好今晚回来搬。"),
            ("shop_spill lightbox", "门头正在换，{road} {door} 号的架子要等安装队来拆。"),
            ("pile", "{road} {door} 号堆的砖有两车多，清运车排到下一趟。"),
            ("cars", "{road} {door} 号前 {n} 辆里有一辆联系不上车主，已请交警协助查找。"),
            ("bikes", "企业调度车堵在大桥上，{n} 辆要晚些才能拉走。"),
            ("stickers", "墙面是文保外立面，不能铲，要等专用药水，{road} {door} 号。"),
            ("hawker", "摊主刚走又来，{road}今晚留人值守，请宽一个时限。"),
            ("", "{road} {door} 号人手都在{cell}专项上，请延一次，保证当天办完。"),
        ),
        "extension_yes": (
            ("", "情况属实，同意延一次，{road} {door} 号办完即报。"),
            ("", "同意，请先在{road} {door} 号前摆警示。"),
            ("", "同意，下不为例，{cell}这一段明天要看到结果。"),
        ),
        "extension_no": (
            ("", "{road} {door} 号是迎检线路，不能再拖，请今天办完。"),
            ("", "人手不足不算理由，{cell}请中队内部调配。"),
            ("", "上次已宽限过，{road} {door} 号按原时限整改。"),
            ("", "看{road} {door} 号现场照片，一小时能办完，不同意延期。"),
        ),
        "withdraw": (
            ("", "店主刚回来，{road} {door} 号马上能办，撤回申请。"),
            ("", "车已调到，{road} {door} 号不用延了。"),
        ),
        "rest": (
            ("pothole", "{road}下周起管网改造，开挖后一起恢复路面，挂账到完工。"),
            ("pothole manhole", "要等自来水公司先修漏点，{road} {door} 号先围挡警示，挂账。"),
            ("manhole", "同型号防沉降井盖在采购，先盖钢板，{road} {door} 号挂账待换。"),
            ("pile", "{road} {door} 号堆料是加装电梯工地的，工期内先围挡苫盖，到期清完。"),
            ("pile", "{road} {door} 号权属有争议，法院在调解，堆物先贴封条，挂账。"),
            ("lightbox", "{road} {door} 号招牌涉及结构安全，要等检测报告再拆。"),
            ("stickers", "外墙{cell}统一粉刷已排期，{door} 号一并覆盖。"),
            ("", "{road} {door} 号店主住院，家属承诺出院后自拆，先挂账。"),
            ("", "该处列入{cell}背街小巷改造，等进场一并整治。"),
        ),
        "rest_yes": (
            ("", "同意挂账，{road} {door} 号围挡每天有人看。"),
            ("", "同意，到期自动恢复办理，{cell}不要等最后一天。"),
        ),
        "rest_no": (
            ("", "{road} {door} 号可以先清一半，不同意整件挂账。"),
            ("", "工程没有批文，{road} {door} 号不能挂账，按原时限办。"),
            ("", "{cell}是迎检点位，不挂账，请想办法先遮挡并清理。"),
        ),
        "resume": (
            ("", "材料提前到货，{road} {door} 号恢复办理。"),
            ("", "{cell}工程提前完工，不用再等。"),
        ),
        "appeal": (
            ("", "当天台风停工，{road} {door} 号停工令到次日中午，请不计超时。"),
            ("", "{road} {door} 号派单时写成对面门牌，找错半天，有通话记录。"),
            ("", "现场配合消防封路，三个小时进不去{cell}。"),
            ("", "店主拒不配合，报警后才搬，{road} {door} 号有出警单。"),
            ("", "停电系统上不去，{road} {door} 号其实早已整改，照片时间可查。"),
        ),
        "appeal_yes": (
            ("", "停工令属实，{road} {door} 号不计超时。"),
            ("", "核对过{road} {door} 号照片的拍摄时间，整改在时限内，同意。"),
            ("", "派遣时门牌写错，责任不在中队，{cell}这一件不计。"),
        ),
        "appeal_no": (
            ("", "封路只有四十分钟，{road} {door} 号其余时间没有到场，维持。"),
            ("", "值班表上有人，{cell}没有及时签收，不同意。"),
            ("", "出警单是第二天的，{road} {door} 号超时在前，维持。"),
        ),
        "supervise": (
            ("", "{road} {door} 号是迎检必经点，今起每天报一次进度。"),
            ("", "群众三次来电，{road} {door} 号务必一次整到位。"),
            ("", "{cell}反复出现，请中队长到现场，整改后留人守两天。"),
            ("", "主要领导在{road}走访时看到，限期销号。"),
            ("pothole manhole", "有安全隐患，{road} {door} 号先围挡，连夜处理。"),
            ("bins pile", "{cell}居民反映异味，请环卫和中队一起上。"),
        ),
        "lift": (
            ("", "{road} {door} 号现场已看，主体清完，余下按正常时限办。"),
            ("", "责任单位已排专人，{cell}解除督办。"),
        ),
        "instruct": (
            ("", "{road} {door} 号请查清为什么又出现，举一反三。"),
            ("", "国卫复审在即，{cell}这类问题今晚前拿出清单。"),
            ("", "{road}是城市门面，请分管领导到现场督办，结果报我。"),
            ("shop_spill stall hawker", "疏堵结合，{road}能不能划几个便民摊位？请研究后答复。"),
            ("pothole manhole", "安全第一，{road} {door} 号类似井盖路面全面排查一遍。"),
            ("", "来信反映多次，{road} {door} 号请当面向来信人说明。"),
        ),
        "answer": (
            ("", "已召开现场会，{road} {door} 号落实专人，每晚巡查两次。"),
            ("", "{cell}已排查一遍，{road} {door} 号同类问题的清单已报局里，两天内销号。"),
            ("", "已登门向来信人说明，{road} {door} 号整改结果他认可。"),
            (
                "shop_spill stall hawker",
                "{road}已初选三处摊位，正征求交警和社区意见，周五前报方案。",
            ),
            ("", "原因是夜间无人值守，{road}已调整排班，加派一组。"),
        ),
        "urge": (
            ("", "{road} {door} 号时间不多了，请抓紧。"),
            ("", "市民又来电问{road} {door} 号，请回个准信。"),
            ("", "{cell}就剩这一件没办完。"),
            ("", "明早迎检组从{road}走，请今晚办完。"),
        ),
    }
)

REMARKS: tuple[tuple[str, str, str], ...] = (
    ("worker", "", "已到{road} {door} 号，店里没人，门上贴了通知，一小时后再来。"),
    ("worker", "dispatcher", "{road} {door} 号门牌和照片对不上，请帮忙问一下上报人。"),
    ("dispatcher", "leader", "上报人说在{road} {door} 号正对面，靠公交站那一侧。"),
    ("supervisor", "leader", "刚从{road}过，{door} 号还没动，请催一下现场。"),
    ("worker", "", "车在路上，预计二十分钟到{road} {door} 号。"),
    ("leader", "dispatcher", "{cell}今天三个人都在{road}，这件排在第二。"),
    ("supervisor", "leader", "拍整改后照片时请站在{road} {door} 号门口同一个角度。"),
    ("viewer", "supervisor", "{road}这一段我傍晚会走，请留意。"),
    ("worker", "", "{road} {door} 号已清一半，清运车装满，第二趟接着来。"),
    ("dispatcher", "", "热线回访：来电人明天再看{road} {door} 号，请别急着报完。"),
    ("worker", "leader", "店主要看文件，请把《通知书》发我，{road} {door} 号。"),
    ("leader", "", "《责令改正通知书》已送{road} {door} 号，店主已签收。"),
    ("supervisor", "", "远景里看得到{road} {door} 号旁边还有两处，一并处理为好。"),
    ("supervisor", "dispatcher", "{cell}同类的近三天有几件？请列个表。"),
    ("dispatcher", "supervisor", "{cell}近三天同类的有三件，都在{road} {door} 号前后。"),
    ("worker", "", "{road} {door} 号现场照片补一张，围挡已摆好。"),
    ("leader", "worker", "辛苦，{road} {door} 号办完去隔壁看一眼，别漏了。"),
    ("viewer", "", "{road} {door} 号请注意方式，老人摆的，先帮着收。"),
)
"""Who says it, who is mentioned, and what."""


def said(kind: str, story: Story, nth: int) -> str:
    """The nth sentence of a kind that fits the story; raises KeyError for an unknown kind."""
    scene = story.problem.scene
    own = [line for scenes, line in LINES[kind] if scene in scenes.split()]
    fitting = own + [line for scenes, line in LINES[kind] if not scenes]
    return filled(fitting[nth % len(fitting)], story)


def filled(line: str, story: Story) -> str:
    """The sentence with the story's own place and count."""
    return line.format(
        road=story.road, door=story.door, cell=story.cell.name, n=max(2, story.quantity)
    )
