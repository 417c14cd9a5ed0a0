"""Which property of a file's features tells what: guessed from how surveying offices name them."""

from collections.abc import Sequence

from citymgmt.spreadsheets import bare

CODE, NAME, AREA = "code", "name", "area"

# What is surer stands first.
_WORDS: dict[str, tuple[str, ...]] = {
    CODE: (
        "code", "网格编码", "网格代码", "网格编号", "gridcode", "grid_code", "cellcode",
        "cell_code", "wgbm", "wgdm", "wgbh", "编码", "编号", "代码", "标识码", "bsm", "bm", "bh",
        "dm", "gridid", "grid_id", "id", "objectid_1",
    ),
    NAME: (
        "name", "网格名称", "网格名", "gridname", "grid_name", "cellname", "cell_name", "wgmc",
        "名称", "名字", "mc",
    ),
    AREA: (
        "area_code", "区划代码", "社区代码", "村居代码", "sqdm", "sqbm", "cjdm", "xzqdm",
        "street_code", "街道代码", "乡镇代码", "jddm", "jdbm", "xzdm", "区划", "所属社区",
        "所在社区", "社区", "社区名称", "所属街道", "所在街道", "街道", "街道名称", "乡镇",
        "community", "street",
    ),
}  # fmt: skip
KEYS = tuple(_WORDS)


def guess(names: Sequence[str]) -> dict[str, list[str]]:
    """For each of KEYS the properties that tell it, the surest first: one for code and name."""
    known = {bare(name): name for name in reversed(names)}
    found = {key: [known[word] for word in words if word in known] for key, words in _WORDS.items()}
    return {key: found[key] if key == AREA else found[key][:1] for key in KEYS}
