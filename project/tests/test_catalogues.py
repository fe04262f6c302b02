import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

CATALOGUES = [file for folder in settings.LOCALE_PATHS for file in Path(folder).rglob("*.po")]
PLACE = re.compile(r"%\(\w+\)[srd]|%s|\{\w*\}")


@pytest.mark.parametrize("source", CATALOGUES, ids=str)
def test_the_compiled_catalogue_says_what_its_source_says(source: Path) -> None:
    compiled = source.with_suffix(".mo")

    assert compiled.exists(), "run manage.py compilemessages"
    assert meanings(polib.mofile(str(compiled))) == meanings(polib.pofile(str(source)))


@pytest.mark.parametrize("source", CATALOGUES, ids=str)
def test_the_catalogue_leaves_nothing_untranslated_or_uncertain(source: Path) -> None:
    catalogue = polib.pofile(str(source))

    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


@pytest.mark.parametrize("source", CATALOGUES, ids=str)
def test_a_translation_keeps_the_places_to_fill_in(source: Path) -> None:
    changed = [entry.msgid for entry in polib.pofile(str(source)) if not keeps_places(entry)]

    assert changed == []


def test_catalogues_agree_on_what_they_share() -> None:
    said: dict[tuple[str | None, str], dict[str, list[str]]] = {}
    for source in CATALOGUES:
        for key, meaning in meanings(polib.pofile(str(source))).items():
            said.setdefault(key, {}).setdefault(str(meaning), []).append(source.parts[-4])

    assert {key: texts for key, texts in said.items() if len(texts) > 1} == {}


def keeps_places(entry: polib.POEntry) -> bool:
    said = [entry.msgstr] if not entry.msgid_plural else entry.msgstr_plural.values()
    return all(set(PLACE.findall(text)) == set(PLACE.findall(entry.msgid)) for text in said)


def meanings(catalogue: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str], object]:
    return {
        (entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr
        for entry in catalogue.translated_entries()
    }
