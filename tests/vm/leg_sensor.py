"""The reference leg sensor of docs/ble-protocol.md on a simulated radio, for a BlueZ in a virtual machine.

    leg_sensor.py tcp-client:127.0.0.1:9876 [--drop-at-frame N] [--silent-at-frame N --silent-s S]

Behind the transport, qemu's console, the guest's kernel finds its hci0: a Bumble controller. A second controller on the
same simulated link is the sensor. What happens is printed with seconds since the start, the counts at the end (SIGTERM).
"""

import argparse
import asyncio
import math
import random
import signal
import struct
import time
from collections import deque

from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData, PhysicalTransport
from bumble.device import Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport import open_transport

SERVICE, DATA, CONTROL, INFO, BATTERY = (f"0221672{n}-9585-41a5-b54a-613bf79693a4" for n in "89abc")
NAME, ADDRESS = "CrampLeg 00:01", "C0:FF:EE:00:00:01"
EMG_HZ, ACC_HZ, RING_FRAMES, MTU_NEEDED, MOST_BYTES = 1000, 100, 40, 247, 244
DONE, UNKNOWN, NOT_NOW, DOES_NOT_FIT = range(4)
began = time.monotonic()


def say(*what):
    print(f"sensor {time.monotonic() - began:7.2f} s:", *what, flush=True)


class Link(LocalLink):
    """Bumble 0.0.236 sends data under the controller's random address, also on a connection that was made under another;
    the kernel scans with a random one and connects with its public one. Here the connection decides."""

    def send_acl_data(self, sender_controller, destination_address, transport, data):
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if transport != PhysicalTransport.LE or connection is None or receiver is None:
            super().send_acl_data(sender_controller, destination_address, transport, data)
            return
        source = connection.self_address
        asyncio.get_running_loop().call_soon(receiver.on_link_acl_data, source, transport, data)


def samples(rng):
    """A minute of a resting calf that cramps for 20 s, as counts: EMG pairs at 1000 Hz, acceleration at 100 Hz."""
    emg, acc = [], []
    for n in range(60 * EMG_HZ):
        strong = 25 <= n / EMG_HZ < 45
        microvolts = rng.gauss(0, 150 if strong else 2.5)
        emg.append((round(10 * microvolts), round(10 * (0.8 * microvolts + rng.gauss(0, 2.5)))))
    for n in range(60 * ACC_HZ):
        acc.append(tuple(round(4096 * (g + rng.gauss(0, 0.002))) for g in (0.1 * math.sin(n / 500), 0.99, 0.1)))
    return emg, acc


def at_acc(index):
    return -(-index * ACC_HZ // EMG_HZ)


class Sensor:
    def __init__(self, device, options):
        self.device, self.options = device, options
        self.emg, self.acc = samples(random.Random(1))
        self.powered_on = time.monotonic()
        self.first, self.channels, self.samples = 0, 2, 50
        self.settings = bytes(7)
        self.streaming, self.sequence, self.connection = False, 0, None
        self.ring, self.wake = deque(), asyncio.Event()
        self.silent_until, self.dropped = None, False
        self.made = self.sent = self.ring_dropped = self.connections = 0
        p = Characteristic.Properties
        self.data = Characteristic(DATA, p.NOTIFY, 0, b"")
        write = Characteristic.Permissions.WRITEABLE
        read = Characteristic.Permissions.READABLE
        self.control = Characteristic(CONTROL, p.WRITE | p.NOTIFY, write, CharacteristicValue(write=self.on_write))
        self.info = Characteristic(INFO, p.READ, read, CharacteristicValue(read=lambda _: self.info_bytes()))
        self.battery = Characteristic(BATTERY, p.READ | p.NOTIFY, read, CharacteristicValue(read=lambda _: bytes([80])))
        device.add_service(Service(SERVICE, [self.data, self.control, self.info, self.battery]))
        device.on("connection", self.on_connection)

    def info_bytes(self):
        return struct.pack(
            "<4B4HffHBBQ7sx", 1, self.channels, self.samples, 3, EMG_HZ, 1, ACC_HZ, 1, 0.1, 1 / 4096, 0x0100, 1, 0, 1, self.settings
        )

    def on_connection(self, connection):
        self.connection = connection
        self.connections += 1
        say("connected, connection", self.connections)
        connection.on("disconnection", self.on_disconnection)

    def on_disconnection(self, reason):
        say("disconnected, reason", reason, "after", self.sent, "frames")
        self.connection, self.streaming = None, False
        self.ring.clear()

    def on_write(self, connection, value):
        status = self.obey(bytes(value), connection.att_mtu)
        say(f"control {bytes(value).hex()} answered {status}, MTU {connection.att_mtu}")
        answer = bytes([(value[0] if value else 0) | 0x80, status])
        asyncio.get_running_loop().create_task(self.device.notify_subscriber(connection, self.control, answer))

    def obey(self, value, mtu):
        match list(value):
            case [1]:
                if not self.streaming and mtu < MTU_NEEDED:
                    return DOES_NOT_FIT
                if not self.streaming:
                    self.streaming, self.sequence = True, 0
                return DONE
            case [2]:
                self.streaming = False
                return DONE
            case [3, _, _, *how] if self.streaming and len(how) in (0, 15):
                return NOT_NOW
            case [3, channels, count, *how] if len(how) in (0, 15):
                size = 14 + 2 * channels * count + 6 * at_acc(count)
                rates = struct.pack("<4H", EMG_HZ, 1, ACC_HZ, 1)
                if not (1 <= channels <= 4 and count > 0 and size <= MOST_BYTES) or (how and bytes(how[:8]) != rates):
                    return DOES_NOT_FIT
                self.channels, self.samples = channels, count
                self.settings = bytes(how[8:]) or self.settings
                return DONE
            case [4]:
                return DONE
        return UNKNOWN

    def frame(self):
        end = self.first + self.samples
        acc = range(at_acc(self.first), at_acc(end))
        head = struct.pack(
            "<BBHIH4B", 1, 0, self.sequence & 0xFFFF, self.first & 0xFFFFFFFF, acc.start & 0xFFFF,
            80, self.channels, self.samples, len(acc),
        )
        emg = [self.emg[n % len(self.emg)][c % 2] for n in range(self.first, end) for c in range(self.channels)]
        moved = [value for n in acc for value in self.acc[n % len(self.acc)]]
        return head + struct.pack(f"<{len(emg) + len(moved)}h", *emg, *moved)

    def silent(self):
        """Connected, and nothing comes: from one frame on, for a while."""
        if self.silent_until is None and self.sent == self.options.silent_at_frame:
            self.silent_until = time.monotonic() + self.options.silent_s
            say("falls silent for", self.options.silent_s, "s")
        return self.silent_until is not None and time.monotonic() < self.silent_until

    async def sample(self):
        """The converter never waits: counters go on whatever the link does."""
        while True:
            due = self.powered_on + (self.first + self.samples) / EMG_HZ
            await asyncio.sleep(max(0, due - time.monotonic()))
            if self.streaming:
                if not self.silent():
                    if len(self.ring) == RING_FRAMES:
                        self.ring.popleft()
                        self.ring_dropped += 1
                    self.ring.append(self.frame())
                self.sequence += 1
                self.made += 1
                self.wake.set()
            self.first += self.samples

    async def send(self):
        while True:
            await self.wake.wait()
            self.wake.clear()
            while self.ring and self.connection:
                await self.device.notify_subscriber(self.connection, self.data, self.ring.popleft())
                self.sent += 1
                if self.sent == self.options.drop_at_frame and not self.dropped:
                    self.dropped = True
                    say("drops the link")
                    await self.connection.disconnect()


async def main(options):
    link = Link()
    transport = await open_transport(options.transport)
    adapter = Controller(
        "adapter", host_source=transport.source, host_sink=transport.sink, link=link, public_address="00:AA:01:00:00:42"
    )
    radio = Controller("sensor", link=link)
    host = Host()
    host.controller = radio
    device = Device(name=NAME, address=Address(ADDRESS), host=host)
    sensor = Sensor(device, options)
    service = bytes(UUID(SERVICE))
    device.advertising_data = bytes(
        AdvertisingData([(AdvertisingData.FLAGS, b"\x06"), (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, service)])
    )
    device.scan_response_data = bytes(AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, NAME.encode())]))
    await device.power_on()
    await device.start_advertising(auto_restart=True)
    say("advertises")
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    tasks = [asyncio.create_task(sensor.sample()), asyncio.create_task(sensor.send())]
    stop = asyncio.create_task(over.wait())
    done, _ = await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
    say(
        f"made {sensor.made}, sent {sensor.sent}, dropped in the ring {sensor.ring_dropped}, "
        f"connections {sensor.connections}"
    )
    for task in done - {stop}:
        task.result()
    del adapter


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The reference leg sensor on a simulated radio.")
    parser.add_argument("transport")
    parser.add_argument("--drop-at-frame", type=int, help="drop the link once, after so many frames")
    parser.add_argument("--silent-at-frame", type=int, help="connected but silent after so many frames …")
    parser.add_argument("--silent-s", type=float, default=10, help="… for so long")
    asyncio.run(main(parser.parse_args()))
