"""The part of nats-py's interface that docs/nats.md uses, over a plain socket.

It stands in where nats-py cannot be installed, so that the examples are run all the same, against a real nats-server.
"""
import asyncio
import itertools
import json
import os


class Msg:
    def __init__(self, client, subject, reply, data, headers):
        self._client, self.subject, self.reply, self.data, self.headers = client, subject, reply, data, headers

    async def respond(self, data):
        await self._client.publish(self.reply, data)


class NoRespondersError(Exception):
    pass


class Client:
    def __init__(self, server, token):
        self._server, self._token = server, token
        self._sids, self._subjects, self._queues, self._tasks = itertools.count(1), {}, {}, {}

    async def start(self):
        await self._dial()
        self._task = asyncio.create_task(self._stay())

    async def _dial(self):
        host, port = self._server.removeprefix("nats://").rsplit(":", 1)
        self._reader, self._writer = await asyncio.open_connection(host, int(port), limit=8 * 1024 * 1024)
        await self._reader.readline()
        options = {"auth_token": self._token, "headers": True, "no_responders": True, "verbose": False, "pedantic": False}
        self._writer.write(f"CONNECT {json.dumps(options)}\r\nPING\r\n".encode())
        for sid, subject in self._subjects.items():
            self._writer.write(f"SUB {subject} {sid}\r\n".encode())

    async def _stay(self):
        while True:
            try:
                await self._read()
            except (OSError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(0.1)
            try:
                await self._dial()
            except OSError:
                pass

    def new_inbox(self):
        return "_INBOX." + os.urandom(11).hex()

    async def publish(self, subject, payload=b"", reply="", headers=None):
        head = f"{subject} {reply} " if reply else f"{subject} "
        if headers is None:
            self._writer.write(f"PUB {head}{len(payload)}\r\n".encode() + payload + b"\r\n")
        else:
            block = ("NATS/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n").encode()
            self._writer.write(f"HPUB {head}{len(block)} {len(block) + len(payload)}\r\n".encode() + block + payload + b"\r\n")
        await self._writer.drain()

    async def subscribe(self, subject, cb):
        # As strict as nats-py, and as it one message after the other.
        if not asyncio.iscoroutinefunction(cb):
            raise TypeError("nats: must use coroutine for subscriptions")
        sid = str(next(self._sids))
        self._subjects[sid], self._queues[sid] = subject, asyncio.Queue()
        self._tasks[sid] = asyncio.create_task(self._deliver(self._queues[sid], cb))
        self._writer.write(f"SUB {subject} {sid}\r\n".encode())
        return sid

    async def _deliver(self, queue, cb):
        while True:
            await cb(await queue.get())

    async def request(self, subject, payload=b"", timeout=0.5, headers=None):
        answer, inbox = asyncio.get_running_loop().create_future(), self.new_inbox()

        async def take(message):
            if not answer.done():
                answer.set_result(message)

        sid = await self.subscribe(inbox, take)
        await self.publish(subject, payload, reply=inbox, headers=headers)
        try:
            message = await asyncio.wait_for(answer, timeout)
        finally:
            self._tasks.pop(sid).cancel()
            del self._queues[sid], self._subjects[sid]
            self._writer.write(f"UNSUB {sid}\r\n".encode())
        if not message.data and "503" in message.headers:
            raise NoRespondersError(subject)
        return message

    async def close(self):
        self._task.cancel()
        self._writer.close()

    async def _read(self):
        while line := await self._reader.readline():
            words = line.decode().split()
            if words and words[0] == "PING":
                self._writer.write(b"PONG\r\n")
            if not words or words[0] not in ("MSG", "HMSG"):
                continue
            with_headers = words[0] == "HMSG"
            sizes = int(words[-1]), int(words[-2]) if with_headers else 0
            reply = words[3] if len(words) == (6 if with_headers else 5) else ""
            whole = await self._reader.readexactly(sizes[0])
            await self._reader.readexactly(2)
            queue = self._queues.get(words[2])
            if queue is not None:
                queue.put_nowait(Msg(self, words[1], reply, whole[sizes[1]:], whole[:sizes[1]].decode()))


async def connect(server, token=None):
    client = Client(server, token)
    await client.start()
    return client
