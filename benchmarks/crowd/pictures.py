"""A photo as a phone takes it: 12 megapixels, about so many bytes, never twice the same."""

import io
import os

import numpy as np
from PIL import Image


def photo(megabytes: float) -> bytes:
    """A JPEG of 4032 × 3024 with as much noise in it as makes it so large, 5 % more or less."""
    width, height, target = 4032, 3024, megabytes * 1e6
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 255, (height // 64 + 1, width // 64 + 1, 3), dtype=np.uint8)
    base = np.asarray(
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32
    )
    noise = rng.normal(0, 1, (height, width, 1)).astype(np.float32)
    least, most, content = 0.0, 90.0, b""
    while abs(len(content) - target) > target / 20 and most - least > 0.05:
        middle = (least + most) / 2
        content = _jpeg(np.clip(base + noise * middle, 0, 255).astype(np.uint8))
        least, most = (middle, most) if len(content) < target else (least, middle)
    return content


def small_photo() -> bytes:
    """One that costs nothing, where only the statements are counted."""
    return _jpeg(np.random.default_rng(2).integers(0, 255, (48, 64, 3), dtype=np.uint8))


def another(content: bytes) -> bytes:
    """The same picture as another file: what follows its end belongs to its bytes as well."""
    return content + os.urandom(8)


def _jpeg(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=85)
    return out.getvalue()
