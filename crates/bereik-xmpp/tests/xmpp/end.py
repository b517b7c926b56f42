"""The other end of the tests: an account that another implementation speaks for. Reads a command a line, in JSON, and
writes what happens, a line each; ends with its standard input."""

import asyncio
import json
import logging
import ssl
import sys
from xml.etree import ElementTree

from slixmpp import ClientXMPP
from slixmpp.exceptions import IqError

name, password, port, authority = sys.argv[1:5]


def tell(what, **more):
    print(json.dumps({"what": what, **more}), flush=True)


class Person(ClientXMPP):
    def __init__(self):
        super().__init__(f"{name}@localhost/end", password)
        self.ssl_context = ssl.create_default_context(cafile=authority)
        self.auto_authorize = True
        self.auto_subscribe = False
        for plugin in ("xep_0030", "xep_0184", "xep_0199", "xep_0085", "xep_0308", "xep_0333"):
            self.register_plugin(plugin)
        self["xep_0184"].auto_ack = "silent" not in sys.argv
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("message", self.message)
        self.add_event_handler("message_error", lambda m: tell("error", condition=m["error"]["condition"]))
        self.add_event_handler("receipt_received", lambda m: tell("receipt", id=m["receipt"]))
        self.add_event_handler("presence", self.presence)

    async def started(self, _):
        await self.get_roster()
        self.send_presence()
        tell("ready")

    def message(self, m):
        if not m["body"]:
            return
        replaces = m.xml.find("{urn:xmpp:message-correct:0}replace")
        origin = m.xml.find("{urn:xmpp:sid:0}origin-id")
        tell(
            "message",
            sender=m["from"].bare,
            body=m["body"],
            id=m["id"],
            origin=None if origin is None else origin.get("id"),
            replaces=None if replaces is None else replaces.get("id"),
            reply=[child.get("id") for child in m.xml.findall("{urn:xmpp:reply:0}reply")],
            nick=[child.text for child in m.xml.findall("{http://jabber.org/protocol/nick}nick")],
        )

    def presence(self, p):
        tell("presence", sender=p["from"].bare, type=p["type"], show=p["show"])


async def follow(person, command):
    match command["do"]:
        case "say":
            m = person.make_message(command["to"], command["body"], mtype="chat")
            m["request_receipt"] = True
            m.send()
        case "raw":
            person.send_raw(command["xml"])
        case "features":
            info = await person["xep_0030"].get_info(jid=command["of"])
            tell("features", features=sorted(info["disco_info"]["features"]))
        case "iq":
            iq = person.make_iq_get(queryxmlns=command["query"], ito=command["to"])
            try:
                await iq.send(timeout=20)
                tell("answer", condition=None)
            except IqError as error:
                tell("answer", condition=error.iq["error"]["condition"])
        case "show":
            person.send_presence(pshow=command["show"] or None)
        case "subscribe":
            person.send_presence(pto=command["to"], ptype="subscribe")


async def main():
    person = Person()
    person.connect("127.0.0.1", int(port))
    reader = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await follow(person, json.loads(line))
    # A farewell, so that the server does not keep the session.
    await person.disconnect()


logging.basicConfig(level=logging.CRITICAL)
asyncio.run(main())
