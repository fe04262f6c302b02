"""Converting pictures to sRGB, which browsers assume for pictures without a colour profile."""

import io

from PIL import Image, ImageCms, ImageMath

SRGB = ImageCms.createProfile("sRGB")
# Colour spaces of ICC profiles, and the Pillow modes they apply to.
PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
LEVELS_16_BIT = 257
"""The factor between 16-bit and 8-bit values."""


def convert_to_srgb(image: Image.Image) -> Image.Image:
    """Return an 8-bit RGB image, or RGBA if it has transparency, without metadata."""
    alpha, colours = _alpha_of(image), _colours_of(image)
    if alpha is not None:
        colours.putalpha(alpha)
    colours.info.clear()
    return colours


def _alpha_of(image: Image.Image) -> Image.Image | None:
    if not image.has_transparency_data:
        return None
    if not image.mode.startswith("I"):
        return image.convert("RGBA").getchannel("A")
    # Compare 16-bit values: after the conversion to 8 bits, other greys would be equal.
    transparent = image.info["transparency"]
    opaque: Image.Image = ImageMath.lambda_eval(
        lambda bands: bands["convert"]((bands["grey"] != transparent) * 255, "L"),
        grey=image.convert("I"),
    )
    return opaque


def _colours_of(image: Image.Image) -> Image.Image:
    base = _base_of(image)
    profile = image.info.get("icc_profile")
    converted = _apply(profile, base) if profile else None
    return converted or base.convert("RGB")


def _base_of(image: Image.Image) -> Image.Image:
    """Return the image without transparency, in a mode that ICC profiles apply to."""
    if image.mode.startswith("I"):
        # Pillow would clip values above 255, which makes almost all pixels white.
        return image.convert("I").point(lambda value: value * (1 / LEVELS_16_BIT)).convert("L")
    if image.mode in ("1", "L", "LA", "La"):
        return image.convert("L")
    if image.mode == "P":  # via RGBA, since Pillow warns about palettes with transparency
        image = image.convert("RGBA")
    return image if image.mode == "CMYK" else image.convert("RGB")


def _apply(profile: bytes, base: Image.Image) -> Image.Image | None:
    """Convert with an ICC profile; None if it is broken or for another colour space."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if PROFILE_MODES.get(source.profile.xcolor_space.strip()) != base.mode:
            return None
        return ImageCms.profileToProfile(base, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
