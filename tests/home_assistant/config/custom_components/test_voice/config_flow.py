"""Adds the voice without a question."""

from homeassistant.config_entries import ConfigFlow


class TestVoiceFlow(ConfigFlow, domain="test_voice"):
    """One step, no form."""

    VERSION = 1

    async def async_step_user(self, user_input=None):
        """Makes the entry."""
        return self.async_create_entry(title="Test voice", data={})
