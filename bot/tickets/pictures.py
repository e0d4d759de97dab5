"""Small pictures of large ones. The only room that decodes images, so every oddity of theirs ends here."""

from __future__ import annotations

import io
import threading

from PIL import Image, ImageOps

from bot.errors import TooLarge

THUMBNAIL_MIME = "image/webp"
_SIDE = 320  # pixels
_MAX_PIXELS = 50_000_000  # decoded for a thumbnail: 200 MB of memory, for a moment
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")  # Pillow knows dozens more, some of which start programs
_one_at_a_time = threading.Lock()


def check_picture(name: str, content: bytes) -> None:
    """Raises TooLarge for a picture that would fill the memory of whoever opens it; only its header is read.

    The limit is Pillow's own, about 179 million pixels, which no phone and no screen reaches.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS):
            return
    except Image.DecompressionBombError as error:
        raise TooLarge(
            f"A imagem {name} tem dimensões grandes demais. Recorte a parte que mostra o problema ou reduza-a, "
            "e envie de novo."
        ) from error
    except Exception:  # what does not open is kept as it is: a broken picture may be the very thing reported
        return


def thumbnail(content: bytes) -> bytes | None:
    """At most 320 × 320 pixels as WebP, upright, without any metadata; None for what cannot be read.

    A decoder may raise anything at all over bytes that were made to break it.
    """
    try:
        with _one_at_a_time, Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            return _small(picture)
    except Exception:
        return None


def _small(picture: Image.Image) -> bytes | None:
    picture.draft("RGB", (2 * _SIDE, 2 * _SIDE))  # JPEG is decoded small in the first place
    if picture.width * picture.height > _MAX_PIXELS:
        return None
    picture.thumbnail((_SIDE, _SIDE))
    upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    content = io.BytesIO()
    upright.convert(mode).save(content, "WEBP", quality=80)
    return content.getvalue()
