"""A real Postfix on 127.0.0.1 that delivers into a Maildir, inside a folder of its own."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bench.costs import WrongResultError
from tests.bench.sinks import postfix

DOMAIN = "example.org"
"""The one domain that it takes mail for: that of the planned readers (RFC 2606)."""

_DAEMONS = Path("/usr/lib/postfix/sbin")
_OWNER, _GROUP, _KEEPER = "postfix", "postdrop", "nobody"
_LONGEST = 600.0  # seconds until what was accepted has been delivered

# No service connects to anybody else: what is not for a reader is an error.
_MAIN = """\
compatibility_level = 3.6
config_directory = {folder}/config
queue_directory = {folder}/queue
data_directory = {folder}/state
daemon_directory = {daemons}
mail_owner = {owner}
setgid_group = {group}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mta.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks_style = host
smtpd_peername_lookup = no
smtpd_relay_restrictions = reject_unauth_destination
mydestination =
alias_maps =
local_recipient_maps =
alias_database =
default_transport = error:nothing leaves this machine
local_transport = error:nobody is local here
virtual_transport = virtual
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

_QUEUES = ("incoming", "active", "deferred", "hold", "corrupt")
_OTHERS = ("bounce", "defer", "flush", "private", "saved", "trace")


class RunningPostfix:
    """The server, as a sink: it has taken a mail once that lies in the Maildir."""

    def __init__(self, running: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self._running, self._folder = running, folder
        self.port = port

    def count(self) -> int:
        """Mails delivered, once none is left in the queue; raises WrongResultError where some stay
        there."""
        until = time.monotonic() + _LONGEST
        while waiting := self._waiting():
            if self._running.poll() is not None or time.monotonic() > until:
                raise WrongResultError(f"Postfix keeps {waiting} mails: {self.said()}")
            time.sleep(0.05)
        return len(self.mails())

    def mails(self) -> list[Path]:
        """The delivered mails, a file each."""
        new = self._folder / "mail/all/new"
        return sorted(new.iterdir()) if new.exists() else []

    def forget(self) -> None:
        """Remove all that was delivered."""
        for path in self.mails():
            path.unlink()

    def busy(self) -> float:
        """Seconds of work of all its programs, those that have ended included."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                fields = path.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self._running.pid:  # the session
                    ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def said(self) -> str:
        """The end of its log."""
        log = self._folder / "log"
        return log.read_text("utf-8", "replace")[-1000:] if log.exists() else "it has no log"

    def _waiting(self) -> int:
        folders = (self._folder / "queue" / name for name in _QUEUES)
        return sum(len(files) for folder in folders for _, _, files in os.walk(folder))


@contextmanager
def real_postfix(folder: Path) -> Iterator[RunningPostfix]:
    """Postfix with its own configuration, queue and log in a new `folder`, which its users have to
    reach; all its programs end with the block.

    Raises WrongResultError where it is not installed, or does not come up. Only root can start it.
    """
    if os.geteuid() != 0:
        raise WrongResultError("Postfix can only be started by root")
    postfix("smtp-source")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    _lay_out(folder, port)
    command = [_DAEMONS / "master", "-c", folder / "config", "-d"]
    with (folder / "errors").open("wb") as errors:
        running = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,  # master ends its whole process group
        )
    try:
        made = RunningPostfix(running, port, folder)
        _await_greeting(made, running, folder / "errors")
        yield made
    finally:
        running.terminate()
        running.wait(30)


def _lay_out(folder: Path, port: int) -> None:
    for name in ("config", "queue", "queue/pid", "mail", "state"):
        (folder / name).mkdir(parents=True)
    for name in (*_QUEUES, *_OTHERS):
        (folder / "queue" / name).mkdir(mode=0o700)
        shutil.chown(folder / "queue" / name, _OWNER)
    for name, mode in (("public", 0o710), ("maildrop", 0o730)):
        (folder / "queue" / name).mkdir()
        shutil.chown(folder / "queue" / name, _OWNER, _GROUP)
        (folder / "queue" / name).chmod(mode)
    shutil.chown(folder / "state", _OWNER)
    shutil.chown(folder / "mail", _KEEPER)
    keeper = pwd.getpwnam(_KEEPER)
    main = _MAIN.format(
        folder=folder,
        daemons=_DAEMONS,
        owner=_OWNER,
        group=_GROUP,
        domain=DOMAIN,
        uid=keeper.pw_uid,
        gid=keeper.pw_gid,
    )
    (folder / "config/main.cf").write_text(main, "utf-8")
    (folder / "config/master.cf").write_text(_MASTER.format(port=port), "utf-8")


def _await_greeting(made: RunningPostfix, running: subprocess.Popen[bytes], errors: Path) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", made.port), timeout=5) as client:
                if client.recv(4) == b"220 ":
                    client.sendall(b"QUIT\r\n")
                    return
        except OSError:
            pass
        if running.poll() is not None or time.monotonic() > until:
            raise WrongResultError(f"Postfix does not come up: {errors.read_text()}{made.said()}")
        time.sleep(0.05)
