"""E-mail addresses, web addresses, names with @ and #: what both languages say in one way."""

import re
from dataclasses import dataclass
from re import Match

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
URL = re.compile(
    r"(?<![\w@./])(?:(?:https?|ftp)://|www\.)[^\s<>«»\"']+|"
    r"(?<![\w@./-])(?:[a-zа-яё0-9-]+\.)+(?:ru|com|org|net|io|dev|рф|su|info|app|me|ai|tv|ly|uk|de|fr|eu|co|us|edu|gov|mil|gg|xyz|tech|shop|blog)"
    r"(?:/[^\s<>«»\"']*)?(?![\w-])",
    re.IGNORECASE,
)
FILE = re.compile(
    r"(?<![\w@./\\-])[\w-]+(?:\.[\w-]+)*\.(?:py|js|ts|tsx|jsx|css|html?|json|ya?ml|toml|xml|md|txt|csv|tsv"
    r"|docx?|xlsx?|pptx?|pdf|rtf|odt|ods|png|jpe?g|gif|svg|webp|mp3|mp4|wav|avi|mov|zip|rar|7z|tar|gz|exe|apk"
    r"|dmg|iso|log|ini|cfg|conf|env|sh|bat|sql|db|php|java|go|rs|cpp|cs|rb|vue|ipynb|lock|psd|djvu|epub|fb2|key"
    r"|ico|bak|tmp|dll|so|bin|msi|deb|rpm)(?![\w-]|\.\w)",
    re.IGNORECASE,
)
MENTION = re.compile(r"(?<![\w@])@([\w.-]*\w)")
HASHTAG = re.compile(r"(?<![\w#])#([^\W\d]\w*)")
# What ends a sentence or closes a bracket is not the address's own.
AFTER = ".,;:!?)]}"


@dataclass(frozen=True)
class Names:
    """How a language calls the signs of addresses."""

    at: str
    dot: str
    slash: str
    hyphen: str
    underscore: str
    hashtag: str

    @property
    def signs(self) -> dict[str, str]:
        return {
            "@": self.at, ".": self.dot, "/": self.slash, "-": self.hyphen, "_": self.underscore,
        }  # fmt: skip


RUSSIAN = Names("собака", "точка", "слэш", "дефис", "подчёркивание", "хэштег")
ENGLISH = Names("at", "dot", "slash", "dash", "underscore", "hashtag")


def say_addresses(text: str, names: Names) -> str:
    """Replace addresses by what one says on the telephone: "info собака example точка com"."""
    text = EMAIL.sub(lambda match: address(match[0], names), text)
    text = URL.sub(lambda match: url(match, names), text)
    text = FILE.sub(lambda match: address(match[0], names), text)
    text = HASHTAG.sub(lambda match: f"{names.hashtag} {apart(match[1])}", text)
    return MENTION.sub(lambda match: apart(match[1]), text)


def url(match: Match[str], names: Names) -> str:
    """Say the place; what follows a question mark or a number sign is for machines."""
    written = match[0].rstrip(AFTER)
    rest = match[0][len(written) :]
    place = re.sub(r"^(?:https?|ftp)://|^www\.", "", written, flags=re.IGNORECASE)
    place = re.sub(r"^www\.", "", re.split(r"[?#]", place)[0]).rstrip("/")
    return address(place, names) + rest


def address(written: str, names: Names) -> str:
    for sign, name in names.signs.items():
        written = written.replace(sign, f" {name} ")
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s]", " ", written)).strip()


def apart(name: str) -> str:
    """Return the words of a name: иван_петров, НовостиДня."""
    return re.sub(r"[_.-]+", " ", re.sub(r"(?<=[а-яёa-z])(?=[А-ЯЁA-Z])", " ", name))
