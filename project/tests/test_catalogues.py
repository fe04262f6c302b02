from pathlib import Path

import polib
import pytest
from django.conf import settings

CATALOGUES = [file for folder in settings.LOCALE_PATHS for file in Path(folder).rglob("*.po")]


@pytest.mark.parametrize("source", CATALOGUES, ids=str)
def test_the_compiled_catalogue_says_what_its_source_says(source: Path):
    compiled = source.with_suffix(".mo")

    assert compiled.exists(), "run manage.py compilemessages"
    assert meanings(polib.mofile(str(compiled))) == meanings(polib.pofile(str(source)))


def meanings(catalogue: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str], object]:
    return {
        (entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr
        for entry in catalogue.translated_entries()
    }
