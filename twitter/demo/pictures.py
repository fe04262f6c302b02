"""Drawing the pictures of the demo tweets."""

import io
from collections.abc import Callable

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

SIZE = (1200, 675)
PAPER, INK, ACCENT = "#f6f6f8", "#1b1b22", "#5b5bd6"
# The colours of the page, the text and the button.
THEMES = [
    ("#ffffff", "#cfcfd8", ACCENT),
    ("#1f2026", "#42434d", "#a3a3fa"),
    ("#ff4fa3", "#ffd23f", "#00c2a8"),
]

Pen = ImageDraw.ImageDraw


def draw_picture(draw: Callable[[Pen], None]) -> "ContentFile[bytes]":
    """Return a drawing as a PNG file."""
    image, file = Image.new("RGB", SIZE, PAPER), io.BytesIO()
    draw(ImageDraw.Draw(image))
    image.save(file, "PNG", optimize=True)
    return ContentFile(file.getvalue(), "drawing.png")


def three_themes(pen: Pen) -> None:
    """Draw a page in a light, a dark and a pink theme."""
    for place, (page, text, button) in enumerate(THEMES):
        left = 60 + 370 * place
        pen.rounded_rectangle((left, 70, left + 340, 605), 28, page, "#e4e4ea", 2)
        pen.ellipse((left + 30, 105, left + 90, 165), button)
        for line, width in enumerate((150, 280, 260, 280, 190)):
            top = 120 + 78 * line
            start = left + (110 if line == 0 else 30)
            pen.rounded_rectangle((start, top, start + width, top + 24), 12, text)
        pen.rounded_rectangle((left + 30, 520, left + 190, 570), 25, button)


def before_and_after(pen: Pen) -> None:
    """Draw two bars with their milliseconds."""
    font = ImageFont.load_default(64)
    for top, milliseconds, colour in ((130, 340, "#cfcfd8"), (370, 41, ACCENT)):
        end = 100 + milliseconds * 5 // 2
        pen.rounded_rectangle((100, top, end, top + 150), 24, colour)
        pen.text((end + 30, top + 40), str(milliseconds), INK, font)
