"""The Node-RED flow against a real Node-RED and a real mosquitto. By hand; see README.md beside this file.

Usage: python node_red.py FOLDER_WHERE_NODE_RED_WAS_INSTALLED

Imports packaging/node-red/flow.json through Node-RED's own interface, with this broker's port and seconds for minutes, sends what
the daemon would send, and looks at what comes out for the lamp and the telephone. Exits 1 if a check failed.
"""

import asyncio
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import paho.mqtt.client as mqtt
from report import Report, until
from told import event
from world import free_port

FLOW = pathlib.Path(__file__).parent.parent.parent / "packaging" / "node-red" / "flow.json"
LAMP, TELEPHONE = "zigbee2mqtt/bedroom_lamp/set", "house/notify"
LOW, OFF = {"state": "ON", "brightness": 13}, {"state": "OFF"}


def import_flow(port, broker_port, timeout_s=60):
    """Posts the flow until Node-RED takes it; gives its answer's status."""
    flow = json.loads(FLOW.read_text())
    for node in flow:
        if node["type"] == "mqtt-broker":
            node["port"] = str(broker_port)
        if node["type"] == "trigger":
            assert node["units"] == "min", "the flow counts minutes"
            node["units"] = "s"
            node["duration"] = "2"
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/flows", json.dumps(flow).encode(), {"Content-Type": "application/json", "Node-RED-Deployment-Type": "full"}
    )
    end = time.monotonic() + timeout_s
    while True:
        try:
            return urllib.request.urlopen(request).status
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


async def play(report, client, heard):
    """What the daemon would say, and what should come of it."""

    def said(topic):
        return [payload for at, payload in heard if at == topic]

    def send(event_type):
        client.publish("crampwatch/me_left/event", json.dumps(event(event_type, 1)), qos=1)

    client.publish("crampwatch/bridge/status", "online", qos=1, retain=True)
    send("cramp_suspected")
    await asyncio.sleep(1)
    report.check("cramp_suspected: nothing", [f"{heard}"] if heard else [])
    send("cramp_started")
    await until(lambda: said(LAMP), 3)
    report.check("cramp_started: the lamp goes on at 5 %", [] if said(LAMP) and json.loads(said(LAMP)[0]) == LOW else f"{heard}")
    send("cramp_ended")
    await asyncio.sleep(1)
    send("cramp_started")
    await asyncio.sleep(2.5)
    report.check("another cramp before the lamp went off: it stays on", [f"{heard}"] if [p for p in said(LAMP) if json.loads(p) == OFF] else [])
    send("cramp_ended")
    await until(lambda: OFF in map(json.loads, said(LAMP)), 5)
    report.check("cramp_ended: the lamp goes off after a while", [] if OFF in map(json.loads, said(LAMP)) else f"{heard}")
    for event_type in ("monitoring_fault", "not_worn", "battery_short"):
        before = len(said(TELEPHONE))
        send(event_type)
        await until(lambda: len(said(TELEPHONE)) > before, 3)
        text = said(TELEPHONE)[before:]
        report.check(f"{event_type}: {' '.join(text)}", [] if len(text) == 1 and text[0].endswith(".") else f"{text}")
    before = len(said(TELEPHONE))
    client.publish("crampwatch/bridge/status", "offline", qos=1, retain=True)
    await asyncio.sleep(1)
    client.publish("crampwatch/bridge/status", "online", qos=1, retain=True)
    await asyncio.sleep(2)
    report.check("offline and soon online again: nothing", said(TELEPHONE)[before:])
    client.publish("crampwatch/bridge/status", "offline", qos=1, retain=True)
    await until(lambda: len(said(TELEPHONE)) > before, 5)
    text = said(TELEPHONE)[before:]
    report.check(f"offline for long: {' '.join(text)}", [] if len(text) == 1 else f"{text}")


def main():
    """Starts everything, plays, ends everything."""
    node_red = pathlib.Path(sys.argv[1]).resolve() / "node_modules" / "node-red"
    version = json.loads((node_red / "package.json").read_text())["version"]
    print(f"Node-RED {version}", flush=True)
    report, processes = Report(), []
    with tempfile.TemporaryDirectory(prefix="crampwatch-node-red-") as folder:
        port, broker_port = free_port(), free_port()
        conf = pathlib.Path(folder) / "mosquitto.conf"
        conf.write_text(f"listener {broker_port} 127.0.0.1\nallow_anonymous true\n")
        try:
            processes.append(subprocess.Popen(["mosquitto", "-c", conf], stderr=subprocess.DEVNULL))
            log = open(pathlib.Path(folder) / "node-red.log", "wb")
            command = ["node", node_red / "red.js", "--userDir", folder, "--port", str(port), "-D", "uiHost=127.0.0.1"]
            processes.append(subprocess.Popen(command, stdout=log, stderr=log))
            status = import_flow(port, broker_port)
            report.check(f"the flow is imported: {status}", [] if status in (200, 204) else f"{status}")
            heard = []
            client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
            client.on_message = lambda _client, _data, message: heard.append((message.topic, message.payload.decode()))
            client.connect("127.0.0.1", broker_port)
            client.subscribe([(LAMP, 1), (TELEPHONE, 1)])
            client.loop_start()
            log_text = pathlib.Path(folder) / "node-red.log"
            asyncio.run(until(lambda: "Connected to broker" in log_text.read_text(), 20))
            asyncio.run(play(report, client, heard))
            client.loop_stop()
            bad = [line for line in log_text.read_text().splitlines() if "[error]" in line or ("[warn]" in line and "cw_" in line)]
            report.check("Node-RED's log: no error", bad)
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait()
    print(f"{report.passed} ok, {report.failed} failed")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
