"""Time and place on a photo: words in its corner, and EXIF fields in the file."""

from datetime import datetime

from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont
from PIL.TiffImagePlugin import IFDRational

from .picture_bases import Fonts

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825


def paint_stamp(
    image: Image.Image, fonts: Fonts, local: datetime, lon: float, lat: float, caption: str
) -> None:
    """Write caption, local time and position on a dark strip along the lower edge."""
    draw = ImageDraw.Draw(image, "RGBA")
    width, height = image.size
    draw.rectangle((0, height - 66, width, height), fill=(12, 17, 24, 150))
    draw.rectangle((18, height - 53, 22, height - 11), fill=(246, 190, 60, 255))
    large, small = fonts.face(22), fonts.face(18)
    when = f"{local:%Y-%m-%d %H:%M:%S}"
    where = f"{lon:.6f}, {lat:.6f}"
    if large is None or small is None:
        words = caption if caption.isascii() else ""
        draw.text((34, height - 50), f"{when}  {where}", fill="white", font_size=18)
        draw.text((34, height - 28), words[:90], fill=(230, 234, 238), font_size=16)
        return
    draw.text(
        (34, height - 56),
        _fitted(caption, large, width - 330),
        fill="white",
        font=large,
        anchor="la",
    )
    draw.text(
        (34, height - 9),
        "临海市综合行政执法局  示例图",
        fill=(205, 212, 220),
        font=fonts.face(13),
        anchor="ls",
    )
    draw.text((width - 20, height - 37), when, fill="white", font=small, anchor="rs")
    draw.text(
        (width - 20, height - 12), where, fill=(215, 221, 228), font=fonts.face(15), anchor="rs"
    )


def _fitted(words: str, face: FreeTypeFont, room: int) -> str:
    """The words, cut with an ellipsis where they would not fit."""
    if face.getlength(words) <= room:
        return words
    while words and face.getlength(words + "…") > room:
        words = words[:-1]
    return words + "…"


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds to a thousandth."""
    thousandths = round(abs(value) * 3_600_000)
    minutes, rest = divmod(thousandths, 60_000)
    whole, minutes = divmod(minutes, 60)
    return IFDRational(whole, 1), IFDRational(minutes, 1), IFDRational(rest, 1000)


def exif_bytes(local: datetime, lon: float, lat: float) -> bytes:
    """An EXIF block with the time of shooting (with its offset) and the WGS-84 position."""
    exif = Image.Exif()
    moment = f"{local:%Y:%m:%d %H:%M:%S}"
    offset = f"{local:%z}"
    exif[0x0112] = 1  # orientation: upright
    exif[0x0132] = moment  # DateTime
    shot = exif.get_ifd(_EXIF_IFD)
    shot[0x9003] = moment  # DateTimeOriginal
    shot[0x9011] = f"{offset[:3]}:{offset[3:]}"  # OffsetTimeOriginal
    gps = exif.get_ifd(_GPS_IFD)
    gps[1], gps[2] = ("N" if lat >= 0 else "S"), _degrees(lat)
    gps[3], gps[4] = ("E" if lon >= 0 else "W"), _degrees(lon)
    gps[18] = "WGS-84"
    return exif.tobytes()
