"""Pictures are stored as they came but without metadata, and thumbnails look like the pictures."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageSequence
from pytest_django.fixtures import SettingsWrapper

from twitter.media.metadata import strip_metadata
from twitter.media.pictures import AVATAR_SIDE, NotAPicture, clean, crop_avatar, make_thumbnail

CASES = Path(__file__).parent / "pictures"
SECRETS = (b"Camera of Ann", b"secret words", b"Exif")
# What is where after EXIF's orientations 1 to 8: the colours of the upper left and lower right.
TURNED = {1: "rb", 2: "br", 3: "br", 4: "rb", 5: "rb", 6: "rb", 7: "br", 8: "br"}


def case(name: str) -> bytes:
    return (CASES / name).read_bytes()


def clean_image(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(clean(ContentFile(content)).content))


def thumbnail(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(make_thumbnail(clean(ContentFile(content)).content).content))


def encode_image(image: Image.Image, format: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, format, **options)
    return target.getvalue()


def red_and_blue(size: tuple[int, int] = (60, 40)) -> Image.Image:
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


def corners(image: Image.Image) -> str:
    """Return whether the upper left and the lower right corner are (r)ed or (b)lue."""
    red = image.convert("RGB").getchannel("R").tobytes()
    places = [image.width + 1, len(red) - image.width - 2]
    return "".join("r" if red[place] > 128 else "b" for place in places)


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010F] = "Camera of Ann"
    made.get_ifd(0x8825)[2] = (55.0, 45.0, 0.0)  # where on Earth
    return made


def png_of(depth: int, kind: int, row: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """Return a PNG of one row."""
    width = len(row) * 8 // (depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind])
    header = struct.pack(">IIBBBBB", width, 1, depth, kind, 0, 0, 0)
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


# --- animations ----------------------------------------------------------------------------------


def frames_of(image: Image.Image) -> list[Image.Image]:
    return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]


def durations_of(image: Image.Image) -> list[object]:
    durations = []
    for frame in ImageSequence.Iterator(image):
        frame.load()
        durations.append(frame.info.get("duration"))
    return durations


def test_a_gif_that_is_shown_once_is_not_repeated() -> None:
    result = clean_image(case("once.gif"))

    assert "loop" not in result.info
    assert len(frames_of(result)) == 3


def test_a_gif_keeps_how_its_frames_are_disposed_of() -> None:
    frames = frames_of(clean_image(case("disp3.gif")))

    opaque = [frame.getchannel("A").histogram()[255] for frame in frames]
    assert opaque == [400] * 4


def test_an_animated_png_keeps_its_default_picture_durations_and_loops() -> None:
    result = clean_image(case("move-default.png"))

    assert (result.info["loop"], result.info["default_image"]) == (3, True)
    assert durations_of(result)[1:] == [100, 150, 200, 250]


def test_an_animated_webp_keeps_durations_and_loops_and_loses_metadata() -> None:
    frames = [Image.new("RGBA", (20, 20), colour) for colour in ("red", "#00ff0080", "blue")]
    options = {"save_all": True, "append_images": frames[1:], "duration": [70, 80, 90], "loop": 2}
    content = encode_image(frames[0], "WEBP", exif=exif(), xmp=b"secret words", **options)

    result = clean(ContentFile(content)).content

    image = Image.open(io.BytesIO(result))
    assert (durations_of(image), image.info["loop"]) == ([70, 80, 90], 2)
    assert not any(secret in result for secret in SECRETS)


def test_an_animated_avif_becomes_an_animated_webp() -> None:
    frames = [red_and_blue(), red_and_blue().rotate(180)]
    content = encode_image(
        frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=[70, 90]
    )

    result = clean_image(content)

    assert result.format == "WEBP"
    assert [corners(frame) for frame in ImageSequence.Iterator(result)] == ["rb", "br"]


# --- what is not passed on -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mpo.jpg", "mpo6.jpg", "mpo3.mpo"])
def test_of_several_pictures_in_a_jpeg_only_the_first_is_published(name: str) -> None:
    content = case(name)

    result = clean(ContentFile(content)).content

    image = Image.open(io.BytesIO(result))
    assert image.format == "JPEG"
    assert result.count(b"\xff\xd8\xff") == 1
    assert result.endswith(b"\xff\xd9")
    assert image.size == ((480, 640) if name == "mpo6.jpg" else (640, 480))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_metadata_and_what_follows_a_picture_are_left_out(format: str) -> None:
    more = {"comment": b"secret words"} if format == "JPEG" else {}
    content = encode_image(red_and_blue(), format, exif=exif(), xmp=b"secret words", **more)

    result = clean(ContentFile(content + b"PK secret words")).content

    assert not any(secret in result for secret in SECRETS)


def test_comments_and_foreign_extensions_of_a_gif_are_left_out() -> None:
    content = encode_image(red_and_blue(), "GIF", comment=b"secret words")
    foreign = b"\x21\xff\x0bXMP DataXMP\x0csecret words\0"

    result = clean(ContentFile(content[:-1] + foreign + b";" + b"secret words")).content

    assert b"secret" not in result


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_without_metadata_is_stored_byte_for_byte(format: str) -> None:
    content = strip_metadata(encode_image(red_and_blue(), format), format).content

    assert clean(ContentFile(content)).content == content


# --- orientation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_pictures_are_stored_the_right_way_up(format: str, orientation: Any) -> None:
    content = encode_image(red_and_blue(), format, exif=exif(orientation))

    result = clean_image(content)

    assert result.size == ((60, 40) if orientation < 5 else (40, 60))
    assert corners(result) == TURNED[orientation]
    assert not result.getexif()


def test_a_lossless_webp_is_turned_without_loss() -> None:
    result = clean_image(encode_image(red_and_blue(), "WEBP", exif=exif(6), lossless=True))

    assert result.convert("RGB").getcolors() == [(1200, (255, 0, 0)), (1200, (0, 0, 255))]


# --- HEIC and AVIF -------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["HEIF", "AVIF"])
def test_pictures_of_phones_become_what_all_browsers_show(format: str) -> None:
    result = clean(ContentFile(encode_image(red_and_blue(), format, exif=exif()), "IMG_1.png"))

    assert (result.format, result.width, result.height) == ("JPEG", 60, 40)
    assert not any(secret in result.content for secret in SECRETS)


@pytest.mark.parametrize("format", ["HEIF", "AVIF"])
def test_transparency_is_kept_when_a_picture_is_converted(format: str) -> None:
    image = red_and_blue().convert("RGBA")
    image.putalpha(100)

    result = clean_image(encode_image(image, format))

    assert (result.format, result.getchannel("A").getextrema()) == ("WEBP", (100, 100))


def test_of_a_heic_with_several_pictures_the_primary_one_is_published() -> None:
    first, second = (
        pillow_heif.from_pillow(Image.new("RGB", (64, 64), c)) for c in ("red", "blue")
    )
    first.add_from_pillow(second.to_pillow())
    target = io.BytesIO()
    first.save(target, primary_index=1)

    assert corners(clean_image(target.getvalue())) == "bb"


@pytest.mark.parametrize("format", ["HEIF", "AVIF", "PNG"])
def test_a_bomb_of_any_kind_is_refused(format: str, settings: SettingsWrapper) -> None:
    settings.PICTURE_MAX_PIXELS = 1_000_000

    with pytest.raises(ValidationError) as caught:
        clean(ContentFile(encode_image(Image.new("L", (1100, 1000)), format)))

    assert caught.value.code == "pixels"


# --- colours -------------------------------------------------------------------------------------


def test_dark_16_bit_greys_are_dark_in_thumbnails() -> None:
    grey = thumbnail(case("dark12bit.png")).convert("L")

    assert grey.getextrema()[1] == 3780 // 257


def test_a_16_bit_grey_ramp_with_a_transparent_grey_keeps_both_in_thumbnails() -> None:
    small = thumbnail(case("g16trns.png"))

    lightness, alpha = small.convert("RGB").convert("L"), small.getchannel("A")
    assert lightness.getpixel((128, 32)) == pytest.approx(128, abs=4)
    assert (alpha.getpixel((0, 32)), alpha.getpixel((255, 32))) == (0, 255)
    assert clean_image(case("g16trns.png")).info["transparency"] == 0


@pytest.mark.parametrize("name", ["ztxt2m.png", "itxt2m.png", "icc1500k.png"])
def test_large_texts_and_profiles_in_a_png_are_no_fault(name: str) -> None:
    result = clean(ContentFile(case(name)))

    assert (result.width, result.height) == (200, 200)
    assert b"zTXt" not in result.content
    assert b"iTXt" not in result.content
    assert thumbnail(case(name)).size == (200, 200)


def test_a_huge_profile_is_dropped_and_not_inflated() -> None:
    bomb = b"icc\0\0" + zlib.compress(bytes(50_000_000))

    result = clean(ContentFile(png_of(8, 2, bytes(3), (b"iCCP", bomb))))

    assert b"iCCP" not in result.content


def test_thumbnails_and_avatars_are_in_srgb() -> None:
    """In a profile whose red and green are exchanged, what is stored as red is seen as green."""
    profile = swapped_srgb()
    content = encode_image(Image.new("RGB", (300, 300), (255, 0, 0)), "JPEG", icc_profile=profile)
    picture = clean(ContentFile(content))

    for small in (make_thumbnail(picture.content), crop_avatar(picture)):
        shown = Image.open(io.BytesIO(small.content))
        bands = [band.tobytes() for band in shown.convert("RGB").split()]
        assert (max(bands[0]) < 60, min(bands[1]) > 200) == (True, True)
        assert "icc_profile" not in shown.info
    assert Image.open(io.BytesIO(picture.content)).info["icc_profile"] == profile


def swapped_srgb() -> bytes:
    """Return sRGB with red and green exchanged. It contains the second of its creation."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    count = struct.unpack_from(">I", profile, 128)[0]
    place = {profile[132 + 12 * n : 136 + 12 * n]: 132 + 12 * n for n in range(count)}
    swapped = bytearray(profile)
    swapped[place[b"rXYZ"] : place[b"rXYZ"] + 4] = b"gXYZ"
    swapped[place[b"gXYZ"] : place[b"gXYZ"] + 4] = b"rXYZ"
    return bytes(swapped)


def test_a_profile_of_another_kind_of_picture_is_ignored() -> None:
    content = encode_image(red_and_blue().convert("L"), "PNG", icc_profile=swapped_srgb())

    assert thumbnail(content).convert("L").getextrema() == pytest.approx((29, 76), abs=3)


PALETTE_ALPHA = encode_image(red_and_blue().quantize(2), "PNG", transparency=b"\xff\xff")
ODD = {
    "CMYK JPEG": encode_image(red_and_blue().convert("CMYK"), "JPEG", quality=95),
    "progressive JPEG": encode_image(red_and_blue(), "JPEG", progressive=True),
    "palette with alpha": PALETTE_ALPHA,
    "RGBA": encode_image(red_and_blue().convert("RGBA"), "PNG"),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_thumbnails_have_the_colours_of_the_picture(content: Any) -> None:
    assert corners(thumbnail(content)) == "rb"


@pytest.mark.parametrize(
    ("content", "alpha"),
    [
        (png_of(16, 2, b"\xff\xff" + bytes(10), (b"tRNS", b"\xff\xff" + bytes(4))), [0, 255]),
        (png_of(8, 0, b"\x10\x20", (b"tRNS", b"\0\x10")), [0, 255]),
        (png_of(16, 0, struct.pack(">2H", 700, 701), (b"tRNS", struct.pack(">H", 700))), [0, 255]),
        (png_of(8, 3, b"\0\1", (b"PLTE", bytes(6)), (b"tRNS", b"\0")), [0, 255]),
        (png_of(16, 6, struct.pack(">8H", 0, 0, 0, 0, 9, 9, 9, 65535)), [0, 255]),
    ],
    ids=["rgb16", "grey8", "grey16", "palette", "rgba16"],
)  # fmt: skip
def test_transparent_colours_are_transparent_in_thumbnails(content: Any, alpha: Any) -> None:
    assert list(thumbnail(content).getchannel("A").tobytes()) == alpha


@pytest.mark.parametrize("size", [(1, 20_000), (20_000, 1)])
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_very_long_pictures_have_thumbnails(format: str, size: Any) -> None:
    picture = clean(ContentFile(encode_image(Image.new("RGB", size), format)))

    assert sorted(thumbnail(picture.content).size) == [1, 600]
    assert (crop_avatar(picture).width, crop_avatar(picture).height) == (AVATAR_SIDE, AVATAR_SIDE)


# --- damage --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF"])
def test_a_picture_that_is_cut_off_is_refused(format: str, cut: float) -> None:
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    content = encode_image(noise, format)

    with pytest.raises(NotAPicture):
        clean(ContentFile(content[: int(len(content) * cut)]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        png_of(8, 0, b""),
        b"GIF89a" + bytes(7) + b";",
        b"RIFF\x04\0\0\0WEBP",
        b"\0\0\0\x18ftypavif" + bytes(12),
        b"\0\0\0\x18ftypheic" + bytes(12),
        encode_image(red_and_blue(), "BMP"),
    ],
    ids=["empty", "JPEG", "PNG", "GIF", "WebP", "AVIF", "HEIC", "BMP"],
)
def test_what_has_no_pixels_or_is_of_another_kind_is_refused(content: Any) -> None:
    with pytest.raises(NotAPicture):
        clean(ContentFile(content))


SAMPLES: list[Callable[[], bytes]] = [
    *(lambda name=path.name: case(name) for path in CASES.iterdir()),
    *(
        lambda format=format: encode_image(red_and_blue(), format)
        for format in ("WEBP", "AVIF", "HEIF")
    ),
]


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=3)), max_size=6),
)
def test_no_damage_is_worse_than_a_refusal(make: Any, changes: Any) -> None:
    content = bytearray(make())
    for place, replacement in changes:
        start = int(place * len(content))
        content[start : start + len(replacement)] = replacement

    try:
        picture = clean(ContentFile(bytes(content)))
    except ValidationError:
        return
    assert make_thumbnail(picture.content)
    assert crop_avatar(picture)
