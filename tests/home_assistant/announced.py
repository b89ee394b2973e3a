"""The entities as discovery announces them, and whether Home Assistant has them so."""

import datetime


class Entity:
    """One component of a discovery message."""

    def __init__(self, topic, message, key):
        self.device = message["device"]
        self.key = key
        self.config = message["components"][key]
        self.platform = self.config["platform"]
        self.entity_id = self.config["default_entity_id"]
        self.unique_id = self.config["unique_id"]
        self.enabled = self.config.get("enabled_by_default", True)
        self.topic = topic


def entities(messages):
    """All of them, by entity id."""
    found = [Entity(topic, message, key) for topic, message in messages.items() for key in message["components"]]
    return {entity.entity_id: entity for entity in found}


def differences_of_registries(announced, registry, devices):
    """What Home Assistant's registries of entities and devices say otherwise than discovery."""
    problems = []
    mine = {entry["unique_id"]: entry for entry in registry if entry["platform"] == "mqtt"}
    for entity in announced.values():
        entry = mine.pop(entity.unique_id, None)
        if entry is None:
            problems.append(f"{entity.entity_id}: no entity with unique id {entity.unique_id}")
            continue
        wanted = {
            "entity_id": entity.entity_id,
            "original_name": entity.config["name"],
            "entity_category": entity.config.get("entity_category"),
            "disabled_by": None if entity.enabled else "integration",
        }
        problems += [f"{entity.entity_id}: {key} is {entry[key]!r}, announced is {value!r}" for key, value in wanted.items() if entry[key] != value]
    problems += [f"{entry['entity_id']}: not announced" for entry in mine.values()]
    problems += differences_of_devices(announced, devices)
    return problems


def differences_of_devices(announced, devices):
    """The same for devices."""
    problems = []
    known = {identifier[1]: device for device in devices for identifier in device["identifiers"] if identifier[0] == "mqtt"}
    for message in {entity.topic: entity.device for entity in announced.values()}.values():
        name = message["identifiers"][0]
        device = known.get(name)
        if device is None:
            problems.append(f"{name}: no such device")
            continue
        problems += [
            f"{name}: {key} is {device[key]!r}, announced is {message[key]!r}"
            for key in ("name", "manufacturer", "model", "model_id", "sw_version", "hw_version")
            if key in message and device[key] != message[key]
        ]
        parent = known.get(message.get("via_device"))
        if "via_device" in message and (parent is None or device["via_device_id"] != parent["id"]):
            problems.append(f"{name}: is not reached via {message['via_device']}")
    return problems


def differences_of_attributes(announced, states):
    """What the states show otherwise than discovery: names, classes, units, options."""
    problems = []
    for entity in enabled(announced):
        state = states.get(entity.entity_id)
        if state is None:
            problems.append(f"{entity.entity_id}: has no state")
            continue
        wanted = {"friendly_name": f"{entity.device['name']} {entity.config['name']}"}
        for key in ("device_class", "state_class", "unit_of_measurement", "options", "event_types", "icon", "min", "max", "step", "mode"):
            if key in entity.config:
                wanted[key] = entity.config[key]
        shown = state["attributes"]
        problems += [f"{entity.entity_id}: {key} is {shown.get(key)!r}, announced is {value!r}" for key, value in wanted.items() if shown.get(key) != value]
    return problems


def enabled(announced):
    """Those that Home Assistant shows without being asked."""
    return [entity for entity in announced.values() if entity.enabled]


def unavailable(announced, states):
    """Ids of those that are unavailable or missing."""
    return sorted(e.entity_id for e in enabled(announced) if states.get(e.entity_id, {}).get("state") in (None, "unavailable"))


def senseless(announced, states):
    """States that make no sense; a button that nobody has pressed is unknown."""
    return [problem for entity in enabled(announced) if (problem := _senseless(entity, states.get(entity.entity_id)))]


def _senseless(entity, state):
    if state is None:
        return f"{entity.entity_id}: missing"
    text = state["state"]
    if text == "unknown" and entity.platform in ("button", "event"):
        return None
    kind = entity.config.get("device_class")
    try:
        if entity.platform in ("binary_sensor", "switch"):
            sound = text in ("on", "off")
        elif kind == "enum":
            sound = text in entity.config["options"]
        elif kind == "timestamp" or entity.platform in ("event", "button"):
            sound = datetime.datetime.fromisoformat(text).tzinfo is not None
        elif "unit_of_measurement" in entity.config:
            sound = -200 <= float(text) <= (100 if entity.config["unit_of_measurement"] == "%" else 1e6)
        else:
            sound = text not in ("unknown", "unavailable") and 0 < len(text) <= 255
    except ValueError:
        sound = False
    return None if sound else f"{entity.entity_id} is {text!r}"
