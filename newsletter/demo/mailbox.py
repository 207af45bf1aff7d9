"""A catch-all SMTP server on 127.0.0.1 that keeps what it gets in a Maildir, byte for byte."""

import asyncio
import os
import threading
import time
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from newsletter.errors import ConfigurationError


class Mailbox:
    """The server, running in a thread of its own inside a `with` block; port 0 takes a free one."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port
        self.count = 0
        self._names = count()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        for name in ("tmp", "new", "cur"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        except OSError as error:
            self._end()
            raise ConfigurationError(
                f"127.0.0.1:{self.port} cannot be listened on: {error}"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        self._end()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002  # aiosmtpd's hook
        """Keep the mail: written in tmp, then moved to new, as readers of a Maildir expect."""
        name = f"{time.time():.6f}.P{os.getpid()}Q{next(self._names)}.mailbox"
        content = envelope.content
        (self.folder / "tmp" / name).write_bytes(
            content if isinstance(content, bytes) else str(content).encode()
        )
        (self.folder / "tmp" / name).rename(self.folder / "new" / name)
        self.count += 1
        return "250 2.0.0 kept"

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True, loop=self._loop), "127.0.0.1", self.port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()
