"""Forms that a button opens: declared as classes, checked by Pachca's limits, read back typed."""

from bots.forms.blocks import Divider, Header, Markdown, PlainText
from bots.forms.choices import Checkbox, Option, Radio, Select
from bots.forms.fields import Date, FileInput, FormFile, Input, Number, Time
from bots.forms.form import Form, FormErrors, FormFilter
from bots.forms.metadata import BadMetadata, pack_metadata, unpack_metadata

__all__ = [
    "BadMetadata",
    "Checkbox",
    "Date",
    "Divider",
    "FileInput",
    "Form",
    "FormErrors",
    "FormFile",
    "FormFilter",
    "Header",
    "Input",
    "Markdown",
    "Number",
    "Option",
    "PlainText",
    "Radio",
    "Select",
    "Time",
    "pack_metadata",
    "unpack_metadata",
]
