"""Validating and converting uploaded pictures.

JPEG, PNG, GIF and WebP files are stored unchanged except for their metadata. HEIC and AVIF, which
not all browsers support, are converted.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Any

import pillow_heif
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence, PngImagePlugin

from twitter.media.colours import convert_to_srgb
from twitter.media.metadata import MAX_PROFILE, STRIPPERS, strip_metadata

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
KINDS = {name: f"image/{name.lower()}" for name in EXTENSIONS}
SIGNATURES = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF8": "GIF"}
THUMBNAIL_SIDE = 600
AVATAR_SIDE = 256
MAX_WEBP_SIDE = 16_383
LOSSLESS_WEBP = b"VP8L"
# HEIC boxes with the orientation, which decoders apply. Without them, EXIF has the orientation.
HEIF_TURNS = (b"irot", b"imir")
ORIENTATION = 0x0112

pillow_heif.register_heif_opener(thumbnails=False)
PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE  # Pillow's limit for colour profiles, too


class TooLarge(ValidationError):
    """The file exceeds PICTURE_MAX_BYTES."""


class NotAPicture(ValidationError):
    """The file is not a picture of a supported type, or it is damaged."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture: its bytes, Pillow's name of the format, and dimensions in pixels."""

    content: bytes
    format: str
    width: int
    height: int

    @property
    def extension(self) -> str:
        return EXTENSIONS[self.format]

    @property
    def kind(self) -> str:
        return KINDS[self.format]


def clean(file: "File[bytes]") -> Picture:
    """Return an upright picture without metadata, in a format that all browsers support.

    Every frame has been decoded. Raises TooLarge, NotAPicture, or ValidationError for too many
    pixels.
    """
    if file.size > settings.PICTURE_MAX_BYTES:
        megabytes = settings.PICTURE_MAX_BYTES // (1024 * 1024)
        raise TooLarge(
            _("The picture is too large. The limit is %(n)d MB.") % {"n": megabytes},
            code="too_large",
        )
    content = file.read()
    format = _format_of(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd files, and large ones, which are limited below
            return _strip(content, format) if format in STRIPPERS else _convert(content, format)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except ValidationError:
        raise
    except Exception as error:  # Pillow's decoders raise many types for broken files
        raise NotAPicture(_("The picture is damaged or incomplete."), code="damaged") from error


def crop_avatar(picture: Picture) -> Picture:
    """Return the centre of a picture, cropped to a square of 256 pixels, as WebP."""
    with Image.open(io.BytesIO(picture.content)) as image:
        return _as_webp(ImageOps.fit(convert_to_srgb(image), (AVATAR_SIDE, AVATAR_SIDE)))


def make_thumbnail(content: bytes) -> Picture:
    """Return a WebP of at most 600 pixels a side; of an animation, the first frame."""
    with Image.open(io.BytesIO(content)) as image:
        small = convert_to_srgb(image)
        small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        return _as_webp(small)


def _format_of(content: bytes) -> str:
    """Return the format by the first bytes, regardless of the file name. Raises NotAPicture."""
    for signature, format in SIGNATURES.items():
        if content.startswith(signature):
            return format
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        brands = content[8 : int.from_bytes(content[:4], "big")][:256]
        return "AVIF" if b"avif" in brands or b"avis" in brands else "HEIF"
    fault = _("This file type is not supported. Use JPEG, PNG, GIF, WebP, HEIC or AVIF.")
    raise NotAPicture(fault, code="kind")


def _open(content: bytes, format: str) -> Image.Image:
    """Open a picture after checking the number of pixels in all frames, before decoding them."""
    image = Image.open(io.BytesIO(content), formats=[format])
    pixels = image.width * image.height * getattr(image, "n_frames", 1)
    if pixels > settings.PICTURE_MAX_PIXELS:
        raise _too_many_pixels()
    return image


def _too_many_pixels() -> ValidationError:
    millions = settings.PICTURE_MAX_PIXELS // 1_000_000
    fault = _("The picture is too large. The limit is %(n)d million pixels in all frames together.")
    return ValidationError(fault % {"n": millions}, code="pixels")


def _strip(content: bytes, format: str) -> Picture:
    stripped = strip_metadata(content, format)
    with _open(stripped.content, format) as image:
        orientation = _orientation_in(stripped.exif)
        if orientation != 1 and not getattr(image, "is_animated", False):
            image.getexif()[ORIENTATION] = orientation
            return _turn(image, is_lossless=LOSSLESS_WEBP in stripped.content[:64])
        for frame in ImageSequence.Iterator(image):
            frame.load()
        return Picture(stripped.content, format, image.width, image.height)


def _orientation_in(exif: bytes) -> int:
    tags = Image.Exif()
    try:
        tags.load(exif)
        return int(tags.get(ORIENTATION, 1))
    except Exception:  # ignore broken EXIF data
        return 1


def _turn(image: Image.Image, *, is_lossless: bool) -> Picture:
    """Apply the orientation of EXIF to the pixels, since EXIF is not stored."""
    format = str(image.format)
    options = {"JPEG": {"quality": 92}, "WEBP": {"quality": 90, "lossless": is_lossless}}
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    return _save(upright, format, icc_profile=profile, **options.get(format, {}))


def _convert(content: bytes, format: str) -> Picture:
    with _open(content, format) as image:
        # Only the primary image of a HEIC with several images is converted.
        if format == "AVIF" and getattr(image, "is_animated", False):
            return _convert_animation(image)
        if format == "HEIF" and not any(box in content for box in HEIF_TURNS):
            image.getexif()[ORIENTATION] = image.info.get("original_orientation") or 1
        colours = convert_to_srgb(ImageOps.exif_transpose(image))
        colours.thumbnail((MAX_WEBP_SIDE, MAX_WEBP_SIDE))
        if colours.mode == "RGBA":
            return _save(colours, "WEBP", quality=90)
        return _save(colours, "JPEG", quality=92)


def _convert_animation(image: Image.Image) -> Picture:
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        frames.append(convert_to_srgb(frame))
        durations.append(frame.info.get("duration", 100))
    rest = {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": 0}
    return _save(frames[0], "WEBP", quality=90, **rest)


def _as_webp(image: Image.Image) -> Picture:
    return _save(image, "WEBP", quality=80)


def _save(image: Image.Image, format: str, **options: Any) -> Picture:
    target = io.BytesIO()
    image.save(target, format, **options)
    return Picture(target.getvalue(), format, image.width, image.height)
