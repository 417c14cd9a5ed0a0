"""The table of wrong files: what is sent, and what the answer must say. Tests are made of it."""

from collections.abc import Callable
from dataclasses import dataclass

import shapefile

from tests.builders import jpeg
from tests.citymgmt.test_spreadsheets import xlsx
from tests.grids import files
from tests.grids.files import collection, feature, kml, placemark, shape_zip, square, table, zipped


@dataclass(frozen=True)
class Case:
    """A wrong file: its bytes, the words of the answer, its name, the system that was chosen."""

    make: Callable[[], bytes]
    words: str
    name: str = "网格.geojson"
    chosen: str = ""


BOW = [[121, 28], [121.1, 28.1], [121.1, 28], [121, 28.1], [121, 28]]
LAYER = files.layer([(files.rings(), files.TEXTS)])
WHOLE = {**LAYER, "prj": files.prj(4326)}


def _polygon(*ring: list[object]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [list(ring)]}


def _raw(ring: str) -> bytes:
    """A GeoJSON file whose coordinates are this text."""
    return (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"甲"},'
        f'"geometry":{{"type":"Polygon","coordinates":{ring}}}}}]}}'
    ).encode()


def _shifted(swap: bool = False, **more: object) -> bytes:
    polygon = square()
    if swap:
        polygon["coordinates"] = [[[y, x] for x, y in ring] for ring in polygon["coordinates"]]
    return collection(feature(polygon), **more)


WHOLE_FILE: dict[str, Case] = {
    "nothing": Case(lambda: b"", "文件是空的（0 字节）"),
    "30 MB": Case(lambda: b"[" + b" " * (30 * 1024 * 1024), "文件超过 20 MB，请分成几个文件"),
    "a web page called .geojson": Case(
        lambda: b"<!DOCTYPE html><html><body>login</body></html>", "这是一个网页"
    ),
    "a picture": Case(jpeg, "这是图片，不是网格文件"),
    "a PDF": Case(lambda: b"%PDF-1.7", "这是PDF，不是网格文件"),
    "a CAD drawing": Case(lambda: b"AC1032" + b"\0" * 90, "CAD 图", "网格.dwg"),
    "a RAR archive": Case(lambda: b"Rar!\x1a\x07\x00", "RAR 压缩包", "网格.rar"),
    "an Excel sheet": Case(lambda: xlsx([["编码"], ["甲"]]), "这是 Excel 文件", "网格.xlsx"),
    "a lone .shp": Case(lambda: LAYER["shp"], "只有一个 .shp 不够", "网格.shp"),
    "not a zip": Case(lambda: b"PK\x03\x04" + b"x" * 200, "压缩包已损坏", "网格.zip"),
    "a zip cut in half": Case(lambda: shape_zip()[:400], "压缩包已损坏", "网格.zip"),
    "a zip with a password": Case(files.encrypted, "压缩包有密码", "网格.zip"),
    "a zip bomb": Case(files.bomb, "解压后过大", "网格.zip"),
    "a zip of 300 files": Case(
        lambda: zipped({}, **{f"{n}.txt": b"x" for n in range(300)}), "文件太多", "网格.zip"
    ),
    "a zip of something else": Case(
        lambda: zipped({}, **{"读我.txt": b"x"}), "压缩包里没有 .shp", "网格.zip"
    ),
    "a zip without .prj": Case(lambda: shape_zip(epsg=None), "没有 .prj", "网格.zip"),
    "a zip without .dbf": Case(lambda: shape_zip(leave_out="dbf"), "少了 .dbf", "网格.zip"),
    "a zip without .shx": Case(lambda: shape_zip(leave_out="shx"), "少了 .shx", "网格.zip"),
    "a zip with .shp and .prj only": Case(
        lambda: zipped({"shp": LAYER["shp"], "prj": files.prj(4326)}), "少了 .shx、.dbf", "网格.zip"
    ),
    "two layers in a zip": Case(
        lambda: zipped(WHOLE, **{"b/other.shp": LAYER["shp"]}), "压缩包里有 2 个图层", "网格.zip"
    ),
    "two million corners": Case(
        lambda: files.many_corners(2_000_000), "边界的点一共超过 100 万个", "网格.zip"
    ),
    "two million brackets": Case(lambda: b'{"a":' + b"[" * 2_000_000, "边界的点一共超过"),
    "a layer of points": Case(
        lambda: shape_zip(kind=shapefile.POINT), "画的是点，不是面", "网格.zip"
    ),
    "a layer of lines": Case(
        lambda: shape_zip(kind=shapefile.POLYLINE), "画的是线，不是面", "网格.zip"
    ),
    "a .shp of noise": Case(
        lambda: zipped(WHOLE | {"shp": b"noise" * 99}), "图形文件（.shp）已损坏", "网格.zip"
    ),
    "a .shp cut in half": Case(
        lambda: zipped(WHOLE | {"shp": LAYER["shp"][:150]}), "图形文件（.shp）已损坏", "网格.zip"
    ),
    "a .shp whose parts run backwards": Case(
        lambda: zipped(WHOLE | {"shp": _backwards()}), "图形文件（.shp）已损坏", "网格.zip"
    ),
    "a .dbf of noise": Case(
        lambda: zipped(WHOLE | {"dbf": b"noise" * 99}), "属性表（.dbf）已损坏", "网格.zip"
    ),
    "a .dbf that says it has four billion rows": Case(
        lambda: zipped(WHOLE | {"dbf": LAYER["dbf"][:4] + b"\xff" * 4 + LAYER["dbf"][8:]}),
        "属性表（.dbf）已损坏",
        "网格.zip",
    ),
    "a .dbf with fewer rows": Case(
        lambda: zipped(WHOLE | {"dbf": files.layer([])["dbf"]}), "对不上", "网格.zip"
    ),
    "a .dbf in no encoding": Case(
        lambda: zipped(WHOLE | {"dbf": LAYER["dbf"].replace("甲".encode("gbk"), b"\xff\xff")}),
        "认不出是什么编码",
        "网格.zip",
    ),
    "an empty layer": Case(
        lambda: zipped({**files.layer([]), "prj": files.prj(4326)}), "一个面也没有", "网格.zip"
    ),
    "Xian 80": Case(lambda: shape_zip(epsg=2364), "这是西安 80坐标系", "网格.zip"),
    "Beijing 54": Case(lambda: shape_zip(epsg=2434), "这是北京 54坐标系", "网格.zip"),
    "a .prj of noise": Case(lambda: zipped(WHOLE | {"prj": b"PROJCS[" * 50}), "看不懂", "网格.zip"),
    "a foreign datum": Case(lambda: shape_zip(epsg=4301), "不认识文件里的坐标系", "网格.zip"),
    "a foreign projection": Case(lambda: shape_zip(epsg=3035), "不认识文件里的", "网格.zip"),
    "a choice against the .prj": Case(
        lambda: shape_zip(epsg=4528), "和选的“WGS-84 经纬度”不一样", "网格.zip", "wgs84"
    ),
    "half of a JSON": Case(lambda: b"{\n  12", "第 2 行：第 3 个字符处不是完整的 JSON"),
    "JSON, but no collection": Case(lambda: b"[1]", "不是 GeoJSON 的 FeatureCollection"),
    "JSON in GBK": Case(
        lambda: collection(feature(square())).decode().encode("gbk"), "不是 UTF-8 编码的 GeoJSON"
    ),
    "JSON in UTF-16": Case(lambda: b"\xff\xfe{}", "不是 UTF-8 编码的 GeoJSON"),
    "no feature": Case(lambda: collection(), "一个网格也没有"),
    "NaN": Case(lambda: _raw("[[[NaN,28]]]"), "文件里有 NaN，不是数字"),
    "Infinity": Case(lambda: _raw("[[[-Infinity,28]]]"), "文件里有 -Infinity，不是数字"),
    "a number of 5000 digits": Case(
        lambda: _raw(f"[[[{'9' * 5000},28]]]"), "不是 UTF-8 编码的 GeoJSON"
    ),
    "a depth bomb": Case(lambda: b"[" * 100_000, "括号套得太深"),
    "a name given twice": Case(
        lambda: collection(feature(square())).replace(b'"name"', b'"code"'),
        "“code”在同一个对象里写了两次",
    ),
    "a crs of old": Case(
        lambda: _shifted(crs={"type": "name", "properties": {"name": "EPSG:2364"}}), "西安 80"
    ),
    "a crs of noise": Case(
        lambda: _shifted(crs={"type": "name", "properties": {"name": "local"}}), "不认识文件里写的"
    ),
    "XML that is no KML": Case(lambda: b"<?xml version='1.0'?><gpx/>", "不是 KML", "网格.kml"),
    "KML cut in half": Case(lambda: kml("<Placemark>")[:90].encode(), "不是完整的 KML", "网格.kml"),
    "KML with entities": Case(
        lambda: kml("", '<!DOCTYPE a [<!ENTITY b "c">]>').encode(), "不是完整的 KML", "网格.kml"
    ),
    "KML without a placemark": Case(lambda: kml("").encode(), "没有地标", "网格.kml"),
    "a table without borders": Case(
        lambda: table("甲,东门片,331082001,无"), "没有一列是 WKT", "网格.csv"
    ),
    "a table of titles": Case(lambda: table(), "表格里没有网格", "网格.csv"),
    "a quotation mark left open": Case(
        lambda: table('甲,东门片,331082001,"POLYGON'), "引号不成对", "网格.csv"
    ),
    "bytes that are nothing": Case(lambda: b"\0\1\2\3" * 99, "不是文本表格", "网格.dat"),
}
"""Files that are refused as a whole."""


def _backwards() -> bytes:
    """A .shp whose second part begins before its first."""
    import struct

    shp = files.layer([(files.rings() + files.rings(121.2), files.TEXTS)])["shp"]
    at = 100 + 8 + 4 + 32 + 8
    return shp[:at] + struct.pack("<2i", 5, 0) + shp[at + 8 :]


ONE_FEATURE: dict[str, Case] = {
    "crosses itself": Case(
        lambda: collection(feature(_polygon(*BOW))),
        "边界自己与自己相交，请改画。（121.050000, 28.050000 处）",
    ),
    "longitude and latitude swapped": Case(lambda: _shifted(swap=True), "经度和纬度写反了"),
    "swapped where both can be latitudes": Case(
        lambda: collection(feature(square(44, 87, 0.01))), "经度和纬度写反了"
    ),
    "not in this country": Case(
        lambda: collection(feature(square(2.3, 48.8))), "不在中国境内，请核对坐标系"
    ),
    "metres that nobody declared": Case(
        lambda: collection(feature(square(40512345, 3195000, 100))), "坐标超出经纬度范围"
    ),
    "a point": Case(
        lambda: collection(feature({"type": "Point", "coordinates": [121, 28]})), "应是面"
    ),
    "a line": Case(
        lambda: collection(feature({"type": "LineString", "coordinates": BOW})), "应是面"
    ),
    "no geometry": Case(lambda: collection(feature(None)), "坐标的写法不对"),
    "text for coordinates": Case(
        lambda: _raw('[[["121","28"],["122","28"],["122","29"],["121","28"]]]'), "不是数字"
    ),
    "a number beyond all bounds": Case(
        lambda: _raw("[[[1e999,28],[122,28],[122,29],[1e999,28]]]"), "不是数字"
    ),
    "an open ring": Case(
        lambda: collection(feature(_polygon(*square()["coordinates"][0][:-1], [121.5, 28.9]))),
        "边界没有闭合",
    ),
    "two corners": Case(
        lambda: collection(feature(_polygon([121, 28], [121.1, 28], [121, 28], [121, 28]))),
        "边界的点太少",
    ),
    "a wall of heights": Case(
        lambda: collection(
            feature(_polygon([121, 28, 0], [121, 28, 9], [121.1, 28, 9], [121, 28, 0]))
        ),
        "边界的点太少",
    ),
    "a hole outside": Case(
        lambda: collection(
            feature(
                {
                    "type": "Polygon",
                    "coordinates": [
                        square()["coordinates"][0], square(121.3)["coordinates"][0]
                    ],
                }
            )
        ),
        "空洞超出了外边界",
    ),
    "a code with a blank": Case(
        lambda: collection(feature(square(), code="a b")), "应是 1 到 30 个汉字"
    ),
    "no name": Case(lambda: collection(feature(square(), name="")), "应有 1 到 60 个字"),
    "an unknown division": Case(
        lambda: collection(feature(square(), street_code="999")), "没有“999”这个区划"
    ),
    "a KML line": Case(
        lambda: kml(
            placemark("").replace("Polygon>", "LineString>")
        ).encode(),
        "应是面",
        "网格.kml",
    ),
    "KML words for numbers": Case(
        lambda: kml(placemark("东,北")).encode(), "坐标的写法不对", "网格.kml"
    ),
    "WKT of a line": Case(
        lambda: table('甲,东门片,331082001,"LINESTRING (121 28, 122 28)"'),
        "坐标的写法不对",
        "网格.csv",
    ),
    "WKT with brackets left open": Case(
        lambda: table('甲,东门片,331082001,"POLYGON ((121 28, 122 28)"'),
        "坐标的写法不对",
        "网格.csv",
    ),
    "WKT of ten thousand brackets": Case(
        lambda: table(f'甲,东门片,331082001,"POLYGON {"(" * 10_000}{")" * 10_000}"'),
        "坐标的写法不对",
        "网格.csv",
    ),
}  # fmt: skip
"""Files that are read, one of whose features is wrong."""

SOUND: dict[str, Case] = {
    "3-D rings": Case(
        lambda: shape_zip(
            kind=shapefile.POLYGONZ,
            corners=[[[x, y, 5.0] for x, y in ring] for ring in files.rings()],
        ),
        "有高程",
        "网格.zip",
    ),
    "3-D positions": Case(
        lambda: collection(
            feature(_polygon(*[[x, y, 12.5] for x, y in square()["coordinates"][0]]))
        ),
        "有高程",
    ),
    "nested folders": Case(
        lambda: zipped(WHOLE, "深/更深/cells", **{"__MACOSX/._cells.shp": b"x"}),
        "",
        "网格.zip",
    ),
    "a climb out of the folder": Case(lambda: zipped(WHOLE, "../../cells"), "", "网格.zip"),
    "UTF-8 called GBK": Case(
        lambda: shape_zip(encoding="utf-8", titles=("编码", "名称", "区划"), cpg="GBK"),
        "",
        "网格.zip",
    ),
    "GBK called UTF-8": Case(lambda: shape_zip(cpg="UTF-8"), "", "网格.zip"),
    "GBK without a word": Case(lambda: shape_zip(), "", "网格.zip"),
    "KML in GBK": Case(
        lambda: kml(
            placemark(files.SQUARE_KML), '<?xml version="1.0" encoding="GBK"?>'
        ).encode("gbk"),
        "",
        "网格.kml",
    ),
    "a table in GBK": Case(
        lambda: table(f'甲-01,东门片,331082001,"{files.SQUARE_WKT}"').decode().encode("gbk"),
        "",
        "网格.csv",
    ),
}  # fmt: skip
"""Files that look odd and are taken all the same, with a word where there is one."""
