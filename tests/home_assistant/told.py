"""Events that a simulated night does not bring, sent to the broker by this test as docs/mqtt.md describes them."""

import datetime
import json

import paho.mqtt.publish as publish
from report import until
from shipped import notifications

TOPIC = "crampwatch/me_left/event"


def event(event_type, seq):
    """A payload; what it does not tell of is null, as always."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    empty = dict.fromkeys(
        ("episode_id", "onset_at", "alarm_at", "severity", "probability", "emg_rms_uv", "acc_rms_mg", "model_id", "model_sha256")
    )
    return empty | {
        "event_type": event_type, "seq": seq, "leg": "me_left", "at": now, "sent_at": now, "reasons": [], "config_rev": 1, "source": "live",
    }


async def check_told(report, port, house):
    """Alarms reach the alarm's actions, faults reach the watch, and a repeat does nothing."""
    seq = 1_000_000

    def send(event_type, number):
        publish.single(TOPIC, json.dumps(event(event_type, number)), qos=1, hostname="127.0.0.1", port=port)

    for event_type, identity, text in (
        ("cramp_alarm", "alarm", "cramp_alarm"),
        ("cramp_escalated", "alarm", "cramp_escalated"),
        ("monitoring_fault", "crampwatch_watch", "The sensor brings nothing"),
        ("not_worn", "crampwatch_watch", "not worn"),
        ("battery_short", "crampwatch_watch", "battery"),
    ):
        seq += 1
        send(event_type, seq)
        found = await until(lambda: text in notifications(house).get(identity, ""), 5)
        report.check(f"blueprint: {event_type}, sent by this test, is acted on", [] if found else f"{notifications(house)}")
    before = len(house.calls)
    send("battery_short", seq)
    repeated = await until(lambda: house.calls[before:], 3)
    report.check("blueprint: the same event once more does nothing", [f"{call}" for call in repeated if call["domain"] == "persistent_notification"])
