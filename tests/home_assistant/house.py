"""What Home Assistant says: its REST and WebSocket interfaces, and a record of everything that it reports."""

import asyncio
import time

import aiohttp

CLIENT = "http://127.0.0.1/"


class House:
    """A logged-in client. `states` is how things are, `changes` and `calls` what has happened since the first connection."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"
        self.states = {}
        self.changes = []
        self.calls = []
        self.session = None
        self.tokens = None
        self._socket = None
        self._reader = None
        self._next = 0
        self._answers = {}

    async def wait_until_up(self, timeout_s=240):
        """Until HTTP is answered."""
        self.session = self.session or aiohttp.ClientSession()
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            try:
                async with self.session.get(f"{self.base}/api/onboarding") as answer:
                    if answer.status in (200, 404):
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.5)
        raise RuntimeError(f"Home Assistant does not answer after {timeout_s} s")

    async def onboard(self):
        """Makes the owner and logs in."""
        owner = {"client_id": CLIENT, "name": "Test", "username": "test", "password": "only-a-test", "language": "en"}
        code = (await self.post("/api/onboarding/users", owner))["auth_code"]
        form = {"grant_type": "authorization_code", "code": code, "client_id": CLIENT}
        async with self.session.post(f"{self.base}/auth/token", data=form) as answer:
            answer.raise_for_status()
            self.tokens = await answer.json()
        # The step core_config is left out: it would add a weather service, which needs the internet.
        await self.post("/api/onboarding/analytics", {})
        await self.post("/api/onboarding/integration", {"client_id": CLIENT, "redirect_uri": CLIENT})

    async def add_integration(self, handler, **answers):
        """Goes through a config flow of at most one form; the answers go into it."""
        step = await self.post("/api/config/config_entries/flow", {"handler": handler, "show_advanced_options": False})
        if step["type"] == "form":
            step = await self.post(f"/api/config/config_entries/flow/{step['flow_id']}", answers)
        if step["type"] != "create_entry":
            raise RuntimeError(f"the config flow of {handler} ended with {step}")
        return step["result"]["entry_id"]

    async def post(self, path, data):
        """POST of JSON; an error if it is not accepted."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"} if self.tokens else {}
        async with self.session.post(self.base + path, json=data, headers=headers) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def connect(self):
        """Opens the WebSocket, listens to state changes and calls of actions, and waits until everything is set up."""
        self._socket = await self.session.ws_connect(f"{self.base}/api/websocket", max_msg_size=0)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self.tokens["access_token"]})
        if (await self._socket.receive_json())["type"] != "auth_ok":
            raise RuntimeError("Home Assistant did not accept the token")
        self._reader = asyncio.create_task(self._read())
        for kind in ("state_changed", "call_service"):
            await self.ask("subscribe_events", event_type=kind)
        while (await self.ask("get_config"))["state"] != "RUNNING":
            await asyncio.sleep(0.2)
        self.states = {state["entity_id"]: state for state in await self.ask("get_states")}

    async def ask(self, kind, **parameters):
        """One WebSocket command and its result."""
        self._next += 1
        number = self._next
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind} | parameters)
        answer = await asyncio.wait_for(self._answers[number], 30)
        del self._answers[number]
        if not answer["success"]:
            raise RuntimeError(f"{kind}: {answer['error']}")
        return answer["result"]

    async def act(self, action, entity_id, **data):
        """Calls an action such as `button.press` on an entity."""
        domain, _, service = action.partition(".")
        await self.ask("call_service", domain=domain, service=service, service_data=data, target={"entity_id": entity_id})

    async def _read(self):
        async for message in self._socket:
            if message.type != aiohttp.WSMsgType.TEXT:
                break
            message = message.json()
            if message["type"] == "result" and message["id"] in self._answers:
                self._answers[message["id"]].set_result(message)
            elif message["type"] == "event":
                self._note(message["event"])

    def _note(self, event):
        data = event["data"]
        if event["event_type"] == "call_service":
            self.calls.append(data)
            return
        old, new = data["old_state"], data["new_state"]
        self.changes.append((time.monotonic(), data["entity_id"], old, new))
        if new is None:
            self.states.pop(data["entity_id"], None)
        else:
            self.states[data["entity_id"]] = new

    def state(self, entity_id):
        """The state as text, or none if there is no such entity."""
        return self.states.get(entity_id, {}).get("state")

    def fired(self, entity_id, event_type, since=0):
        """States of an event entity at which it fired with this type; taking up its last event after a break does not count."""
        return [
            new for at, entity, old, new in self.changes
            if entity == entity_id and at >= since and new and old and old["state"] != "unavailable"
            and new["state"] not in ("unavailable", "unknown") and new["state"] != old["state"]
            and new["attributes"].get("event_type") == event_type
        ]

    async def close(self):
        """Closes both connections."""
        if self._reader:
            self._reader.cancel()
        if self._socket:
            await self._socket.close()
        if self.session:
            await self.session.close()
            self.session = None
