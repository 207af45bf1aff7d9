"""Servers that take every mail and count: Postfix's smtp-sink, and one of our own that encrypts."""

import os
import shutil
import smtplib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol, Self

from tests.bench.costs import WrongResultError

_KEY_PAIR = Path(__file__).parents[1] / "edges" / "self_signed.pem"
TRUSTING = {"SSL_CERT_FILE": str(_KEY_PAIR)}
"""What a client's environment needs so that it believes the encrypting sink."""


class Sink(Protocol):
    """A server on 127.0.0.1."""

    port: int

    def count(self) -> int:
        """Messages taken so far."""

    def busy(self) -> float:
        """Seconds of work so far."""


def expect(sink: Sink, messages: int) -> None:
    """Raises WrongResultError unless the sink has counted so many, no more and no less."""
    deadline = time.monotonic() + 5
    while (found := sink.count()) < messages and time.monotonic() < deadline:
        time.sleep(0.02)
    if found != messages:
        raise WrongResultError(f"the sink counted {found} messages instead of {messages}")


def postfix(name: str) -> str:
    """The path of a program of Postfix's, which lies in sbin; raises WrongResultError without."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise WrongResultError(f"there is no {name}: it comes with Postfix")
    return found


class SmtpSink:
    """A running smtp-sink, whose count goes into a file."""

    def __init__(self, running: subprocess.Popen[bytes], port: int, counter: Path) -> None:
        self._running, self._counter = running, counter
        self.port = port

    def count(self) -> int:
        if self._running.poll() is not None:
            raise WrongResultError(f"smtp-sink has ended: {self._counter.read_text()[-500:]}")
        with self._counter.open("rb") as file:
            file.seek(max(0, self._counter.stat().st_size - 200))
            _, found, number = file.read().rpartition(b"mesg=")
        return int(number) if found else 0

    def busy(self) -> float:
        with suppress(FileNotFoundError):  # only Linux tells
            fields = Path(f"/proc/{self._running.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0


@contextmanager
def smtp_sink(folder: Path, *options: str, pipelining: bool = True) -> Iterator[SmtpSink]:
    """Postfix's sink in a new `folder`, with further options; it ends with the block.

    Raises WrongResultError if it does not come up, or announces something else than it should.
    """
    folder.mkdir()
    if os.geteuid() == 0:  # it refuses to work as root
        shutil.chown(folder, "nobody")
        options = ("-u", "nobody", *options)
    if not pipelining:
        options = ("-p", *options)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    counter = folder.with_suffix(".count")
    command = [postfix("smtp-sink"), *options, "-c", f"127.0.0.1:{port}", "100"]
    with counter.open("wb") as out:
        running = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
    try:
        sink = SmtpSink(running, port, counter)
        if _announces_pipelining(sink) is not pipelining:
            raise WrongResultError(f"smtp-sink {' '.join(options)}: pipelining is not {pipelining}")
        yield sink
    finally:
        running.terminate()
        running.wait(10)


def _announces_pipelining(sink: SmtpSink) -> bool:
    deadline = time.monotonic() + 5
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", sink.port, timeout=5) as client:
                client.ehlo()
                return client.has_extn("pipelining")
        except OSError:
            sink.count()  # raises where it has ended
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class TlsSink:
    """A sink that offers STARTTLS and PIPELINING, since smtp-sink encrypts nothing: a thread for
    each connection, inside a `with` block."""

    _OFFERS = b"250-sink\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250 STARTTLS\r\n"

    def __init__(self) -> None:
        self._taken = 0
        self._lock = threading.Lock()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(_KEY_PAIR)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def count(self) -> int:
        with self._lock:
            return self._taken

    def busy(self) -> float:
        return time.process_time()  # this process does nothing else meanwhile

    def _listen(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(b"220 sink\r\n")
            client = self._talk(client)
        client.close()

    def _talk(self, client: socket.socket) -> socket.socket:
        waiting, answers = b"", b""
        while True:
            command, end, rest = waiting.partition(b"\r\n")
            if not end:
                # Answers to commands that came together leave together, as RFC 2920 allows.
                client.sendall(answers)
                answers = b""
                if not (octets := client.recv(1 << 18)):
                    return client
                waiting += octets
                continue
            verb, waiting = command[:4].upper(), rest
            if verb == b"STAR":
                client.sendall(b"220 go on\r\n")
                client = self._context.wrap_socket(client, server_side=True)
                waiting = b""
            elif verb == b"DATA":
                client.sendall(answers + b"354 go on\r\n")
                waiting = self._content(client, waiting)
                answers = b"250 taken\r\n"
            elif verb == b"QUIT":
                client.sendall(answers + b"221 bye\r\n")
                return client
            else:
                answers += self._OFFERS if verb == b"EHLO" else b"250 ok\r\n"

    def _content(self, client: socket.socket, begun: bytes) -> bytes:
        """Read to the final dot; returns what came after it."""
        content, looked = bytearray(begun), 0
        while (end := content.find(b"\r\n.\r\n", looked)) < 0:
            looked = max(0, len(content) - 4)
            octets = client.recv(1 << 18)
            if not octets:
                raise ConnectionResetError
            content += octets
        with self._lock:
            self._taken += 1
        return bytes(content[end + 5 :])
