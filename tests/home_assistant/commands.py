"""Whether a press of a button in Home Assistant comes to the daemon as a command, and what it does."""

import json
import time

import announced as of
import paho.mqtt.client as mqtt
from report import until


class Listener:
    """A subscriber of commands and results, beside the daemon."""

    def __init__(self, port):
        self.heard = []
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.on_connect = lambda client, *_: client.subscribe(
            [("crampwatch/+/cmd/#", 1), ("crampwatch/bridge/result", 1), ("crampwatch/+/event", 1)]
        )
        self.client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, message.payload.decode(), message.retain)
        )
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def since(self, place, topic):
        """Payloads on a topic, from a place in what was heard."""
        return [(json.loads(payload), retained) for at, payload, retained in self.heard[place:] if at == topic]

    def close(self):
        """Ends the connection."""
        self.client.loop_stop()
        self.client.disconnect()


async def pressed(house, listener, entity, action, **data):
    """Problems with one action: the command on its topic, and the daemon's answer to it. And the answer itself."""
    place, topic = len(listener.heard), entity.config["command_topic"]
    await house.act(action, entity.entity_id, **data)
    commands = await until(lambda: listener.since(place, topic), 5)
    if len(commands) != 1:
        return [f"{len(commands)} messages on {topic} within 5 s, not 1"], None
    command, retained = commands[0]
    problems = ["the command was retained"] if retained else []
    problems += [f"the command has no {key}: {command}" for key in ("request_id", "sent_at") if not command.get(key)]

    def answers():
        return [a for a, _ in listener.since(place, "crampwatch/bridge/result") if a["request_id"] == command.get("request_id")]

    found = await until(answers, 5)
    if len(found) != 1:
        return problems + [f"{len(found)} answers on bridge/result to {command}, not 1"], None
    if found[0]["verb"] != topic.rsplit("/", 1)[1]:
        problems.append(f"the answer names another verb: {found[0]}")
    return problems, found[0]


def accepted(problems, answer):
    """Those problems, and that the daemon refused."""
    return problems + ([f"refused: {answer}"] if answer and not answer["ok"] else [])


async def check_water(report, house, listener, entities):
    """Log water, glass size and log a glass, by what Water today says before and after."""
    water = "sensor.crampwatch_water_today"

    async def drink(entity_id, ml):
        if entity_id not in entities:
            return
        before = float(house.state(water))
        problems = accepted(*await pressed(house, listener, entities[entity_id], "button.press"))
        await until(lambda: float(house.state(water)) == before + ml, 10)
        if float(house.state(water)) != before + ml:
            problems.append(f"{water} was {before}, is {house.state(water)}")
        report.check(f"{entity_id}: pressed, commanded, answered, {water} {before:.0f} -> {before + ml:.0f}", problems)

    await drink("button.crampwatch_log_water_250_ml", 250)
    size = entities.get("number.crampwatch_glass_size")
    if size:
        problems = accepted(*await pressed(house, listener, size, "number.set_value", value=300))
        await until(lambda: float(house.state(size.entity_id)) == 300, 10)
        if float(house.state(size.entity_id)) != 300:
            problems.append(f"it is {house.state(size.entity_id)}")
        report.check(f"{size.entity_id}: set to 300, commanded, answered, shown", problems)
        await drink("button.crampwatch_log_glass", 300)


async def check_leg(report, house, listener, entities, event_entity):
    """I have a cramp, acknowledge, it was not a cramp, mute; each by the event or the state that follows if the daemon accepts it."""
    follows = {"report_cramp": "cramp_reported", "acknowledge": "cramp_acknowledged", "dismiss": "cramp_dismissed"}
    shows = {"mute": "on", "unmute": "off"}
    buttons = [e for e in entities.values() if e.platform == "button" and "/bridge/" not in e.config["command_topic"]]
    order = list(follows)
    buttons.sort(key=lambda e: order.index(v) if (v := e.config["command_topic"].rsplit("/", 1)[1]) in order else len(order))
    for button in buttons:
        verb = button.config["command_topic"].rsplit("/", 1)[1]
        if verb == "acknowledge":
            # Only a cramp that is on, or just was, can be acknowledged.
            seen = len(house.fired(event_entity, "cramp_started"))
            await until(lambda: len(house.fired(event_entity, "cramp_started")) > seen, 200)
        since = time.monotonic()
        problems, answer = await pressed(house, listener, button, "button.press")
        if answer and answer["ok"] and verb in follows and not await until(lambda: house.fired(event_entity, follows[verb], since), 10):
            problems.append(f"no {follows[verb]} within 10 s")
        if answer and answer["ok"] and button.key in shows:
            await until(lambda: house.state("binary_sensor.left_leg_muted") == shows[button.key], 10)
            if house.state("binary_sensor.left_leg_muted") != shows[button.key]:
                problems.append(f"binary_sensor.left_leg_muted is {house.state('binary_sensor.left_leg_muted')}")
        said = "accepted" if answer and answer["ok"] else f"refused: {answer and answer.get('error')}"
        report.check(f"{button.entity_id}: pressed, commanded, answered ({said})", problems)


async def check_armed(report, house, listener, entities):
    """Night monitoring off and on again."""
    for switch in [e for e in entities.values() if e.platform == "switch"]:
        problems = []
        for action, state in (("switch.turn_off", "off"), ("switch.turn_on", "on")):
            problems += accepted(*await pressed(house, listener, switch, action))
            await until(lambda: house.state(switch.entity_id) == state, 10)
            if house.state(switch.entity_id) != state:
                problems.append(f"after {action} it is {house.state(switch.entity_id)}")
        report.check(f"{switch.entity_id}: off and on again, commanded, answered, shown", problems)


async def check_all(report, house, port, entities, event_entity):
    """Everything that can be pressed; nothing if discovery announces nothing of the kind."""
    if not any("command_topic" in entity.config for entity in of.enabled(entities)):
        report.skip("a press comes back as a command", "this crampwatch announces no buttons, numbers or switches")
        return
    listener = Listener(port)
    try:
        await check_water(report, house, listener, entities)
        await check_leg(report, house, listener, entities, event_entity)
        await check_armed(report, house, listener, entities)
    finally:
        listener.close()
