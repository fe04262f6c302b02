"""How loud each voice of this machine is, and the gain that brings it to the common loudness.

    python -m benchmarks.tts.loudness

Every sentence of `benchmarks.tts.sentences` is spoken; loudness is integrated over all of it (ITU-R
BS.1770, mono). `raw` is the engine's own, `levelled` what leaves. Write `gain` into the
table of the engine when a voice changes; `tts/tests/test_loudness.py` fails when it is wrong.
"""

from benchmarks.tts.sentences import SENTENCES
from tts import engines
from tts.audio.frames import join_samples
from tts.audio.loudness import LOUDNESS, loudness
from tts.audio.sound import Samples
from tts.engines.engine import Line, OfflineEngine, Voice
from tts.synthesis import SpeechSpec, never, synthesise
from tts.text.speakable import speakable


def main() -> None:
    print(f"{'voice':12} {'raw LUFS':>9} {'gain':>6} {'noted':>6} {'levelled LUFS':>14}")
    for engine in engines.offline():
        for voice in engine.voices():
            raw, levelled = loudness(speak_raw(engine, voice)), loudness(speak(voice))
            # The limiter takes some of it: what is still missing is added.
            gain = voice.gain + LOUDNESS - levelled
            print(f"{voice.name:12} {raw:9.1f} {gain:6.1f} {voice.gain:6.1f} {levelled:14.1f}")


def speak_raw(engine: OfflineEngine, voice: Voice) -> Samples:
    sounds = (
        engine.speak(Line(speakable(sentence, voice.language), voice), never)
        for sentence in SENTENCES[voice.language]
    )
    return join_samples(part for sound in sounds for part in sound if isinstance(part, Samples))


def speak(voice: Voice) -> Samples:
    text = " ".join(SENTENCES[voice.language])
    pieces = synthesise(SpeechSpec(text, voice=voice.name, engine=voice.engine, format="pcm"))
    return Samples(b"".join(piece.data for piece in pieces))


if __name__ == "__main__":
    main()
