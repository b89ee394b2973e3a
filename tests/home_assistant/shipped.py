"""The blueprints and the cards of packaging/home-assistant, in a Home Assistant that uses them."""

import re

from report import until

LAMP_OFF, LAMP_ON = "light.bed_light", "light.ceiling_lights"
AUTOMATIONS = ("automation.cramp_begins", "automation.nobody_watches", "automation.cramp_begins_defaults")
FIVE_PER_CENT = 13


async def check_blueprints_are_read(report, house):
    """Home Assistant lists them without an error and makes automations of them."""
    listed = await house.ask("blueprint/list", domain="automation")
    mine = {path: entry for path, entry in listed.items() if path.startswith("crampwatch/")}
    problems = [f"{path}: {entry['error']}" for path, entry in mine.items() if "error" in entry]
    report.check(f"blueprints are read: {', '.join(sorted(mine))}", problems if mine else "none was found")
    wrong = [f"{entity} is {house.state(entity)}" for entity in AUTOMATIONS if house.state(entity) != "on"]
    report.check("three automations made of them are on, one of them with defaults only", wrong)


def lamp_changes(house, lamp):
    """States of a lamp since it is there, in order."""
    return [(new["state"], new["attributes"].get("brightness")) for _, entity, old, new in house.changes if entity == lamp and old and new]


def notifications(house):
    """Ids and messages of what was put into Home Assistant's list of notifications."""
    return {
        call["service_data"].get("notification_id"): call["service_data"]["message"]
        for call in house.calls
        if (call["domain"], call["service"]) == ("persistent_notification", "create")
    }


async def check_cramp_automation(report, house):
    """What the cramp's automation did at the first cramp."""
    await until(lambda: ("off", None) in lamp_changes(house, LAMP_OFF), 30)
    changes = lamp_changes(house, LAMP_OFF)
    report.check(
        f"blueprint: {LAMP_OFF} went on at 5 % at the cramp and off after it",
        [] if changes[:2] == [("on", FIVE_PER_CENT), ("off", None)] else f"its changes: {changes}",
    )
    touched = lamp_changes(house, LAMP_ON)
    report.check(f"blueprint: {LAMP_ON}, which was on already, was left alone", [f"its changes: {touched}"] if touched else [])
    spoken = [call["service_data"] for call in house.calls if (call["domain"], call["service"]) == ("tts", "speak")]
    wanted = "Pull the toes towards the shin; stand on it."
    right = spoken and spoken[0]["message"] == wanted and spoken[0]["media_player_entity_id"] == ["media_player.bedroom"]
    report.check("blueprint: the instruction was spoken on the speaker", [] if right else f"calls of tts.speak: {spoken}")
    playing = await until(lambda: "tts" in str(house.states["media_player.bedroom"]["attributes"].get("media_content_id", "")), 5)
    report.check("blueprint: the speaker plays it", [] if playing else f"{house.states['media_player.bedroom']}")
    report.check("blueprint: the further action ran", [] if "began" in notifications(house) else f"{notifications(house)}")
    starts, speeches = len(house.fired("event.left_leg_cramp", "cramp_started")), len(spoken)
    report.check("blueprint: spoken once a cramp", [] if speeches == starts else f"{speeches} times, at {starts} cramps")


def entity_ids(piece):
    """All entity ids in a piece of a dashboard, those within templates too."""
    if isinstance(piece, dict):
        return {found for value in piece.values() for found in entity_ids(value)}
    if isinstance(piece, list):
        return {found for value in piece for found in entity_ids(value)}
    pattern = r"\b(?:sensor|binary_sensor|event|button|number|switch)\.[a-z0-9_]+"
    return set(re.findall(pattern, piece)) if isinstance(piece, str) else set()


async def check_cards(report, house, entities):
    """The dashboard is parsed, and what its cards show exists."""
    dashboard = await house.ask("lovelace/config", url_path="leg-cramps")
    cards = dashboard["views"][0]["sections"][0]["cards"]
    report.check(f"dashboard: {len(cards)} cards are read", [] if len(cards) > 5 else f"{dashboard}")
    shown = {entity for entity in entity_ids(cards) if entity not in ("button.press",)}
    announced_kinds = {entity.split(".")[0] for entity in entities}
    later = {entity for entity in shown if entity.split(".")[0] not in announced_kinds}
    if later:
        report.skip(f"dashboard: {', '.join(sorted(later))}", "this crampwatch announces nothing of that kind")
    missing = sorted(entity for entity in shown - later if entity not in house.states)
    report.check(f"dashboard: all {len(shown - later)} entities of the cards exist", [f"{entity} does not" for entity in missing])
