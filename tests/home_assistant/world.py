"""Starts and ends the real programs: mosquitto, Home Assistant, Crampwatch."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
PACKAGING = HERE.parent.parent / "packaging" / "home-assistant"

DAEMON = """
[storage]
data_dir = "data"
keep_raw = false
[sensor]
kind = "simulated"
[sensor.simulated]
speed = 20
night_h = 1.0
cramps = 6
drop_outs = 0
loose_electrodes = 0
[mqtt]
mode = "external"
host = "127.0.0.1"
port = {port}
"""


def free_port():
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class World:
    """A folder with everything in it, and the processes."""

    def __init__(self, folder, crampwatch):
        self.folder = pathlib.Path(folder)
        self.crampwatch = pathlib.Path(crampwatch).resolve()
        self.broker_port = free_port()
        self.house_port = free_port()
        self.house_folder = self.folder / "house"
        self.daemon_config = self.folder / "crampwatch.toml"
        self.processes = {}
        self._prepare()

    def _prepare(self):
        shutil.copytree(HERE / "config", self.house_folder)
        (self.house_folder / "secrets.yaml").write_text(f"port: {self.house_port}\n")
        blueprints = self.house_folder / "blueprints" / "automation" / "crampwatch"
        blueprints.mkdir(parents=True)
        for blueprint in PACKAGING.glob("crampwatch_*.yaml"):
            shutil.copy(blueprint, blueprints)
        shutil.copy(PACKAGING / "cards.yaml", self.house_folder)
        self.daemon_config.write_text(DAEMON.format(port=self.broker_port))
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.broker_port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        )

    def start_broker(self):
        """mosquitto, and waits until it listens."""
        program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
        self._start("mosquitto", [program, "-c", self.folder / "mosquitto.conf"])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.broker_port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("mosquitto does not listen after 5 s")

    def start_house(self):
        """Home Assistant, of the Python that runs this script."""
        command = [sys.executable, "-m", "homeassistant", "--config", self.house_folder, "--skip-pip"]
        self._start("home-assistant", command, LITELLM_LOCAL_MODEL_COST_MAP="True")

    def start_daemon(self):
        """Crampwatch with a simulated leg, twenty times as fast as life."""
        self._start("crampwatch", [self.crampwatch, "run", "--config", self.daemon_config])

    def discovery(self):
        """Topic and message, as `crampwatch mqtt discovery` prints them."""
        printed = subprocess.run(
            [self.crampwatch, "mqtt", "discovery", "--config", self.daemon_config],
            capture_output=True, text=True, check=True,
        ).stdout
        messages, decoder = {}, json.JSONDecoder()
        while printed.strip():
            topic, _, rest = printed.lstrip().partition("\n")
            messages[topic], end = decoder.raw_decode(rest.lstrip())
            printed = rest.lstrip()[end:]
        return messages

    def _start(self, name, command, **environment):
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(part) for part in command], cwd=self.folder, stdout=log, stderr=log,
                env=os.environ | environment,
            )

    def end(self, name, how=signal.SIGTERM, timeout_s=60):
        """Ends a process that was started here; SIGKILL if it takes too long."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def end_all(self):
        """Ends everything, the broker last."""
        for name in ("crampwatch", "home-assistant", "mosquitto"):
            self.end(name)
