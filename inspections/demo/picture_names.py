"""Names on the shop signs of the demonstration city, by what the shop sells."""


def _names(*lines: str) -> list[str]:
    """The words of all lines."""
    return " ".join(lines).split()


SHOP_NAMES = {
    "fruit": _names(
        "阿芳水果店 鲜果时光 橘乡果业 老王水果 临海蜜橘行",
        "果然鲜 百果园子 小林果品 四季鲜果 福满水果",
    ),
    "hardware": _names(
        "老张五金 宏达五金 诚信管件 恒通水暖 兴隆五金", "永固建材 安居灯饰 利民五金 顺发电料"
    ),
    "seafood": _names(
        "阿海水产 东海鲜 望江海鲜行 阿婆海鲜面", "渔家乐水产 鲜又鲜 小海鲜批发 海丰水产"
    ),
    "dried": _names(
        "紫阳干货 老街炒货 台州土产 香满园 徐记糕饼", "王阿婆海苔饼 山里人家 永记南北货"
    ),
    "": _names(
        "好又多超市 惠民药房 兰州拉面 晓梅服饰 金色年华 早点铺 红日超市 佳佳文具",
        "老街坊药房 麦虾面馆 古城小吃 新文书店 万家便利 阿姐理发 千里香馄饨 大众饭店",
        "丽人美容 康明眼镜 江南布衣店 台州小海鲜 振兴五金 好邻居 黄沙饼店 蓝天洗衣",
        "府前茶室 靖江副食 大桥快餐 百草药房 天天粮油",
    ),
}
