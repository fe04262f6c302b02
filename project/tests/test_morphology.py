"""The dictionary of Russian word forms, in a process that both searches and speaks."""

import gc

from pymorphy3.analyzer import MorphAnalyzer

from tts.text.speakable import speakable
from twitter.text.words import terms_of


def test_search_and_speech_load_one_dictionary() -> None:
    terms_of("домов")
    speakable("нет 3 билетов", "ru")

    loaded = [it for it in gc.get_objects() if type(it) is MorphAnalyzer]
    assert len(loaded) == 1
