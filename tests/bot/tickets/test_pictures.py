"""Small pictures: upright, without what the camera wrote into them, and never at the price of the memory."""

import io
import random

import pytest
from PIL import Image

from bot.tickets.pictures import thumbnail
from tests.bot.tickets.samples import GIF_PAGE, HTML, PNG, SAMPLES, SVG, huge_png, picture

FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "BMP"]
_ORIENTATION, _GPS, _MODEL = 0x0112, 0x8825, 0x0110


def opened(content):
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("format", FORMATS)
def test_a_picture_of_each_kind_becomes_small_and_keeps_its_shape(format):
    small = opened(thumbnail(picture(format, (1280, 640))))
    assert (small.format, small.size) == ("WEBP", (320, 160))


@pytest.mark.parametrize("format", FORMATS)
def test_a_picture_that_is_small_already_does_not_grow(format):
    assert opened(thumbnail(picture(format, (20, 10)))).size == (20, 10)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_picture_of_each_kind_of_colour_becomes_small(mode):
    content = io.BytesIO()
    Image.new(mode, (640, 640)).save(content, "PNG")
    assert opened(thumbnail(content.getvalue())).size == (320, 320)


def test_a_photo_for_print_becomes_small():
    assert opened(thumbnail(picture("JPEG", (640, 640), "CMYK"))).mode == "RGB"


def test_what_is_transparent_stays_so():
    content = io.BytesIO()
    Image.new("RGBA", (640, 640), (255, 0, 0, 0)).save(content, "PNG")
    assert opened(thumbnail(content.getvalue())).getpixel((5, 5))[3] == 0


def photo(orientation):
    """A lying picture, left half white, as a camera held on its side writes it, with place and model."""
    exif = Image.Exif()
    exif[_ORIENTATION], exif[_MODEL], exif[_GPS] = orientation, "Camera-da-Ana", {1: "S", 2: (23.0, 33.0, 0.0)}
    image, content = Image.new("RGB", (640, 320)), io.BytesIO()
    image.paste((255, 255, 255), (0, 0, 320, 320))
    image.save(content, "JPEG", exif=exif, quality=95)
    return content.getvalue()


def test_a_photo_taken_on_its_side_stands_upright():
    small = opened(thumbnail(photo(6)))
    assert small.size == (160, 320)
    assert small.getpixel((80, 20))[0] > 250 and small.getpixel((80, 300))[0] < 5


def test_what_the_camera_wrote_is_left_out():
    content = photo(1)
    assert b"Camera-da-Ana" in content
    small = thumbnail(content)
    assert b"Camera-da-Ana" not in small and b"Exif" not in small and not dict(opened(small).getexif())


def test_a_comment_in_a_picture_is_left_out():
    assert b"<script" not in thumbnail(picture("GIF", comment=b"<script>alert(1)</script>"))


def test_the_first_picture_of_a_moving_one_is_shown():
    frames, content = [Image.new("RGB", (640, 640), colour) for colour in ("red", "blue")], io.BytesIO()
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    red, _, blue = opened(thumbnail(content.getvalue())).convert("RGB").getpixel((9, 9))
    assert red > 200 and blue < 50


@pytest.mark.parametrize(
    "content",
    [b"", b"x", SVG, HTML, PNG[:40], PNG[:50], SAMPLES["heic"], SAMPLES["pdf"], GIF_PAGE, b"%!PS-Adobe-3.0 EPSF-3.0\n"],
    ids=["empty", "no", "svg", "html", "header", "cut off", "heic", "pdf", "page", "postscript"],
)  # fmt: skip
def test_what_cannot_be_read_has_no_small_picture(content):
    assert thumbnail(content) is None


@pytest.mark.parametrize(("side", "shown"), [(7_000, True), (10_000, False), (20_000, False)])
def test_a_picture_of_a_great_many_points_is_not_decoded(side, shown):
    assert (thumbnail(huge_png(side, side)) is not None) == shown


def test_a_large_photo_is_decoded_small():
    assert opened(thumbnail(picture("JPEG", (9_000, 6_000)))).size == (320, 213)


@pytest.mark.parametrize("format", FORMATS)
def test_whatever_is_wrong_with_a_picture_raises_nothing(format):
    sound, chance = picture(format, (40, 30)), random.Random(3)
    for _ in range(200):
        content = bytearray(sound)
        for _ in range(chance.randint(1, 5)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        small = thumbnail(bytes(content))
        assert small is None or max(opened(small).size) <= 320
