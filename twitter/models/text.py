"""What people may write, and what is found in it: @names and #tags."""

import re

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

MOST_MENTIONS = 50
MOST_TAGS = 30
LONGEST_TAG = 100
MENTION_MARK, TAG_MARK = "@#"

# JSON can carry them, databases cannot store them: NUL and half surrogate pairs.
storable_text = RegexValidator(
    r"[\x00\ud800-\udfff]", _("The text has characters that cannot be stored."), inverse_match=True
)

# Neither in the middle of a word nor of an address; a sign-in name may have dots, dashes and @.
MENTION = re.compile(r"(?<![\w@/.+-])@([\w.@+-]{1,150})")
TAG = re.compile(r"(?<![\w#&/])#(\w{1,100})(?!\w)")


def mentioned_names(text: str) -> set[str]:
    """Return the sign-in names that `text` may mean, in small letters.

    A dot or dash at the end may belong to the name or to the sentence, so both are returned.
    """
    found = MENTION.findall(text)[:MOST_MENTIONS]
    return {form.lower() for name in found for form in (name, name.rstrip(".@+-")) if form}


def tags_in(text: str) -> list[str]:
    """Return the hashtags of `text` in small letters, each once. A number alone is no tag."""
    tags = (tag.lower() for tag in TAG.findall(text) if not tag.isdecimal())
    return list(dict.fromkeys(tags))[:MOST_TAGS]
