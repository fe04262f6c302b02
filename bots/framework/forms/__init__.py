"""Forms that a button opens, declared as classes, with typed values."""

from bots.framework.forms.blocks import Divider, Header, Markdown, PlainText
from bots.framework.forms.choices import Checkbox, Option, Radio, Select
from bots.framework.forms.fields import Date, FileInput, FormFile, Input, Number, Time
from bots.framework.forms.form import Form, FormErrors, FormFilter
from bots.framework.forms.metadata import BadMetadata, pack_metadata, unpack_metadata

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
