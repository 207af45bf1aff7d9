"""The bytes of a file, unpacked where they are gzip, and never more than there is room for."""

import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import InputError

_GZIP = b"\x1f\x8b"  # RFC 1952, 2.3.1
_CHUNK = 1 << 20
_BEYOND_ASCII = bytes(range(0x80, 0x100))


@dataclass(frozen=True, slots=True)
class Content:
    """What a file held; `cut_short` where its gzip breaks off, and then only whole lines of it."""

    octets: bytes
    cut_short: bool = False


def read_content(path: Path, limit: int) -> Content:
    """The file's content, at most `limit` bytes packed and unpacked.

    Raises InputError where it cannot be read, is damaged, or is larger.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    if not octets.startswith(_GZIP):
        return Content(_bounded(path, octets, limit))
    try:
        content = _unpacked(_bounded(path, octets, limit), limit)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: the gzip is damaged ({error}); fetch it again") from error
    _bounded(path, content.octets, limit)
    return content


def _bounded(path: Path, octets: bytes, limit: int) -> bytes:
    if len(octets) > limit:
        raise InputError(f"{path}: more than {limit:,} bytes: too large to be a file of papers")
    return octets


def _unpacked(packed: bytes, limit: int) -> Content:
    """At most one chunk more than `limit`, however much a small file would swell to."""
    unpacked = io.BytesIO()
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        while unpacked.tell() <= limit:
            try:
                # read1 and not read: what came before the end of a broken file is not lost.
                chunk = file.read1(_CHUNK)
            except EOFError:
                octets = unpacked.getvalue()
                # A file of one long line keeps it, but for half a character at its end.
                whole = octets[: octets.rfind(b"\n") + 1] or octets.rstrip(_BEYOND_ASCII)
                return Content(whole, cut_short=True)
            if not chunk:
                break
            unpacked.write(chunk)
    return Content(unpacked.getvalue())
