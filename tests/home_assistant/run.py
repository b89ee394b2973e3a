"""Crampwatch against a real Home Assistant and a real mosquitto. By hand; see README.md beside this file.

Usage: python run.py [--keep] [--stay] PATH_OF_CRAMPWATCH

One line a check: ok, FAILED (with what was found) or "not yet" (this crampwatch does not announce it). Exits 1 if one failed.
"""

import argparse
import asyncio
import datetime
import importlib.metadata
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import announced as of
import commands
import life
import shipped
import told
from house import House
from life import LEG_EVENT
from report import Report, until
from world import World


async def first_contact(report, world, house):
    """Home Assistant and broker are there, the daemon comes: everything it announces appears. Gives what is announced."""
    entities = of.entities(world.discovery())
    world.start_daemon()

    async def registries():
        return (
            await house.ask("config/entity_registry/list"),
            await house.ask("config/device_registry/list"),
        )

    await until(lambda: not of.unavailable(entities, house.states), 30)
    report.check(
        f"all {len(entities)} entities of {len(world.discovery())} discovery messages are there, with their ids, names, categories and devices",
        of.differences_of_registries(entities, *await registries()),
    )
    report.check("names, classes, units and options are as announced", of.differences_of_attributes(entities, house.states))
    report.check("all of them are available", of.unavailable(entities, house.states))
    return entities


async def first_cramp(report, house, entities):
    """A cramp begins and ends in the simulated leg."""
    await until(lambda: house.fired(LEG_EVENT, "cramp_started"), 240)
    started = house.fired(LEG_EVENT, "cramp_started")
    report.check(f"{LEG_EVENT} fires: cramp_started", [] if started else "not within 240 s")
    if not started:
        return
    attributes = started[0]["attributes"]
    missing = [key for key in ("episode_id", "onset_at", "alarm_at", "severity", "reasons", "seq") if attributes.get(key) is None]
    report.check("its attributes say episode, onset, severity and reasons", [f"no {key}: {attributes}" for key in missing])
    await until(lambda: house.fired(LEG_EVENT, "cramp_ended"), 60)
    report.check(f"{LEG_EVENT} fires: cramp_ended", [] if house.fired(LEG_EVENT, "cramp_ended") else "not within 60 s")
    on = [new for _, entity, _, new in house.changes if entity == "binary_sensor.left_leg_cramp" and new and new["state"] == "on"]
    report.check("binary_sensor.left_leg_cramp was on meanwhile", [] if on else "it was not")
    await until(lambda: not of.senseless(entities, house.states), 90)
    report.check("every entity has a sensible state", of.senseless(entities, house.states))


async def play(report, world, stay):
    """Everything in order."""
    world.start_broker()
    world.start_house()
    house = House(world.house_port)
    try:
        await house.wait_until_up()
        await house.onboard()
        await house.connect()
        await house.add_integration("test_voice")
        await house.add_integration("mqtt", broker="127.0.0.1", port=world.broker_port)
        entities = await first_contact(report, world, house)
        await shipped.check_blueprints_are_read(report, house)
        await first_cramp(report, house, entities)
        await shipped.check_cramp_automation(report, house)
        await commands.check_all(report, house, world.broker_port, entities, LEG_EVENT)
        await shipped.check_cards(report, house, entities)
        await told.check_told(report, world.broker_port, house)
        await life.check_daemon_dies(report, world, house, entities)
        await life.check_daemon_returns(report, world, house, entities)
        house = await life.check_house_restarts(report, world, house, entities)
        life.check_log(report, world)
        if stay:
            print(f"Home Assistant is at {house.base} (test / only-a-test), broker port {world.broker_port}; Ctrl-C ends it", flush=True)
            await asyncio.Event().wait()
    finally:
        await house.close()


def main():
    """Arguments, versions, checks, tidying up."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("crampwatch", type=pathlib.Path, help="the binary to try")
    arguments.add_argument("--keep", action="store_true", help="keep the folder with logs and configuration")
    arguments.add_argument("--stay", action="store_true", help="leave everything running afterwards, to look at it in a browser")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = tempfile.mkdtemp(prefix="crampwatch-house-")
    world = World(folder, options.crampwatch)
    report = Report()
    version = subprocess.run([world.crampwatch, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    broker = subprocess.run(["mosquitto", "-h"], capture_output=True, text=True, check=False).stdout.splitlines()[0]
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC: {version}; Home Assistant {importlib.metadata.version('homeassistant')}"
          f" on Python {sys.version.split()[0]}; {broker}", flush=True)
    try:
        asyncio.run(play(report, world, options.stay))
    except KeyboardInterrupt:
        pass
    finally:
        world.end_all()
        if options.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{report.passed} ok, {report.failed} failed")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
