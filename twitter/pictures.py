"""Pictures as people send them, made safe to show: really pictures, and nothing but pictures.

What is kept is always written anew, so that neither EXIF (with the place where it was taken) nor
anything hidden in the file is passed on.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
KINDS = {name: f"image/{name.lower()}" for name in EXTENSIONS}
THUMBNAIL_SIDE = 600
AVATAR_SIDE = 256
ORIENTATION = 0x0112
TOLD_IN_SECRET = ("exif", "comment", "xmp")


class TooLarge(ValidationError):
    """The file has more bytes than is allowed."""


class NotAPicture(ValidationError):
    """The file is no picture of a kind that is taken."""


@dataclass(frozen=True, slots=True)
class Picture:
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


def cleaned(file: "File[bytes]") -> Picture:
    """Decode a picture and write it anew, the right way up and without what it tells in secret."""
    if file.size > settings.PICTURE_MAX_BYTES:
        megabytes = settings.PICTURE_MAX_BYTES // (1024 * 1024)
        raise TooLarge(_("A picture has at most %(n)d MB.") % {"n": megabytes}, code="too_large")
    with _opened(file.read()) as image:
        return _rewritten(image)


def square(picture: Picture) -> Picture:
    """Return the middle of a picture, as small as pictures of people are shown."""
    with Image.open(io.BytesIO(picture.content)) as image:
        return _as_webp(ImageOps.fit(_plain(image), (AVATAR_SIDE, AVATAR_SIDE)))


def thumbnail(content: bytes) -> Picture:
    """Return a picture (of an animation its beginning) to show in a feed."""
    with Image.open(io.BytesIO(content)) as image:
        small = _plain(image)
        small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        return _as_webp(small)


def _opened(content: bytes) -> Image.Image:
    """Open what is a picture of a kind that we take, however the file is named."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd files, and of bombs, which we count ourselves
            image = Image.open(io.BytesIO(content), formats=list(EXTENSIONS))
            _check_pixels(image)
            image.load()
    except (ValidationError, Image.DecompressionBombError) as error:
        raise _too_many_pixels() from error
    except Exception as error:  # Pillow's decoders raise a dozen kinds on broken files
        raise NotAPicture(_("This is no JPEG, PNG, GIF or WebP picture."), code="kind") from error
    return image


def _check_pixels(image: Image.Image) -> None:
    """Count the pixels before any is decoded, those of every frame."""
    pixels = image.width * image.height * getattr(image, "n_frames", 1)
    if pixels > settings.PICTURE_MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> ValidationError:
    millions = settings.PICTURE_MAX_PIXELS // 1_000_000
    fault = _("A picture has at most %(n)d million pixels, all its frames together.")
    return ValidationError(fault % {"n": millions}, code="pixels")


def _rewritten(image: Image.Image) -> Picture:
    frames = [image]
    if getattr(image, "is_animated", False):
        frames = [frame.copy() for frame in ImageSequence.Iterator(image)]
    elif not _is_upright(image):
        frames = [ImageOps.exif_transpose(image)]
    for frame in frames:
        for name in TOLD_IN_SECRET:
            frame.info.pop(name, None)
    target = io.BytesIO()
    frames[0].save(target, image.format, **_options(image, frames))
    return Picture(target.getvalue(), str(image.format), frames[0].width, frames[0].height)


def _options(image: Image.Image, frames: list[Image.Image]) -> dict[str, Any]:
    """Return how to write a picture: colours as they were, JPEG without another loss if it can."""
    profile = image.info.get("icc_profile")
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if len(frames) > 1:
        durations = [frame.info.get("duration", 100) for frame in frames]
        moving = {"save_all": True, "append_images": frames[1:], "duration": durations}
        options |= {**moving, "loop": image.info.get("loop", 0)}
    if image.format == "JPEG":
        options |= {"quality": "keep"} if frames[0] is image else {"quality": 92}
    if image.format == "WEBP":
        options |= {"quality": 90}
    return options


def _is_upright(image: Image.Image) -> bool:
    return bool(image.getexif().get(ORIENTATION, 1) == 1)


def _plain(image: Image.Image) -> Image.Image:
    """Return a picture in colours that WebP knows."""
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _as_webp(image: Image.Image) -> Picture:
    target = io.BytesIO()
    image.save(target, "WEBP", quality=80)
    return Picture(target.getvalue(), "WEBP", image.width, image.height)
