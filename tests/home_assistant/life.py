"""What happens when the daemon dies and when Home Assistant is restarted, and what Home Assistant's log says of it all."""

import re
import signal
import time

import announced as of
from house import House
from report import until

LEG_EVENT = "event.left_leg_cramp"

# What this test itself brings about, or a Home Assistant without internet, whatever it is told by us.
HARMLESS = (
    "Skipping pip installation of required modules",
    "zlib_ng and isal are not available",
    "We found a custom integration test_voice",
    "(<class 'homeassistant.components.demo.",
)


def no_cramp(house):
    """True if none is on."""
    return house.state("binary_sensor.left_leg_cramp") == "off" and house.state("sensor.left_leg_monitor_state") == "monitoring"


async def check_daemon_dies(report, world, house, entities):
    """kill -9: the broker says the last will, everything becomes unavailable, and the automation tells of it."""
    await until(lambda: no_cramp(house), 60)
    began = time.monotonic()
    world.end("crampwatch", signal.SIGKILL)
    ids = {entity.entity_id for entity in of.enabled(entities)}
    await until(lambda: set(of.unavailable(entities, house.states)) == ids, 10)
    left = sorted(ids - set(of.unavailable(entities, house.states)))
    report.check(
        f"the daemon is killed with -9: all {len(ids)} entities are unavailable after {time.monotonic() - began:.1f} s",
        [f"{entity} is {house.state(entity)}" for entity in left],
    )

    before = len(house.calls)

    def told():
        return [call for call in house.calls[before:] if call["service_data"].get("notification_id") == "crampwatch_watch"]

    await until(told, 90)
    message = told()[0]["service_data"]["message"] if told() else ""
    waited = time.monotonic() - began
    right = "cannot be reached" in message and waited > 55
    report.check(f"blueprint: after {waited:.0f} s the watch says: {message}", [] if right else f"{told()}")


async def check_daemon_returns(report, world, house, entities):
    """Started again: everything is available, and no old event fires."""
    began = time.monotonic()
    world.start_daemon()
    await until(lambda: not of.unavailable(entities, house.states), 60)
    report.check(
        f"the daemon is started again: all are available after {time.monotonic() - began:.1f} s",
        of.unavailable(entities, house.states),
    )
    replayed = house.fired(LEG_EVENT, "cramp_started", began)
    report.check("no old cramp was told again", [f"{state['attributes']}" for state in replayed])


async def check_house_restarts(report, world, house, entities):
    """Home Assistant is stopped and started: the same entities come back, with states, and nothing is triggered by it."""
    await until(lambda: no_cramp(house), 60)
    tokens = house.tokens
    await house.close()
    world.end("home-assistant")
    world.start_house()
    house = House(world.house_port)
    house.tokens = tokens
    await house.wait_until_up()
    await house.connect()
    began = time.monotonic()
    await until(lambda: not of.unavailable(entities, house.states), 90)
    report.check(
        f"Home Assistant is restarted: all are available {time.monotonic() - began:.0f} s after it is up",
        of.unavailable(entities, house.states),
    )
    registries = await house.ask("config/entity_registry/list"), await house.ask("config/device_registry/list")
    report.check("the same entities, none twice", of.differences_of_registries(entities, *registries))
    spoken = [call for call in house.calls if call["domain"] == "tts"]
    starts = house.fired(LEG_EVENT, "cramp_started")
    report.check("the restart itself triggered no automation", [] if len(spoken) == len(starts) else f"{len(spoken)} times spoken, {len(starts)} cramps")
    await until(lambda: not of.senseless(entities, house.states), 90)
    report.check("every entity has a sensible state again", of.senseless(entities, house.states))
    seen = len(house.fired(LEG_EVENT, "cramp_started"))
    await until(lambda: len(house.fired(LEG_EVENT, "cramp_started")) > seen, 240)
    again = house.fired(LEG_EVENT, "cramp_started")
    report.check("the next cramp fires the event", [] if len(again) > seen else "not within 240 s")
    await until(lambda: [call for call in house.calls if call["domain"] == "tts"], 5)
    return house


def check_log(report, world):
    """No warning and no error of Home Assistant, but those that this test brings about."""
    text = (world.folder / "home-assistant.log").read_text(errors="replace")
    lines = [line for line in text.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    bad = [line for line in lines if not any(known in line for known in HARMLESS)]
    report.check(f"Home Assistant's log: no warning or error ({len(lines) - len(bad)} harmless ones)", bad)
    ours = (world.folder / "crampwatch.log").read_text(errors="replace")
    bad = [line for line in ours.splitlines() if re.search(r" (WARN|ERROR) ", line)]
    report.check("Crampwatch's log: no warning or error", bad)
