"""The voice itself."""

import io
import wave

from homeassistant.components.tts import TextToSpeechEntity

RATE = 8000


async def async_setup_entry(hass, entry, async_add_entities):
    """One entity, `tts.test_voice`."""
    async_add_entities([TestVoice()])


class TestVoice(TextToSpeechEntity):
    """Says nothing in a valid file."""

    _attr_name = "Test voice"
    _attr_unique_id = "test_voice"
    _attr_default_language = "en"
    _attr_supported_languages = ["en"]

    def get_tts_audio(self, message, language, options):
        """Half a second of silence."""
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(bytes(RATE))
        return "wav", file.getvalue()
