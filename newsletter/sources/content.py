"""The bytes of a file, unpacked where they are gzip, and never more than there is room for."""

import gzip
import io
import zlib
from pathlib import Path

from newsletter.errors import InputError

_GZIP = b"\x1f\x8b"  # RFC 1952, 2.3.1
_CHUNK = 1 << 20


def read_content(path: Path, limit: int) -> bytes:
    """The file's content, at most `limit` bytes packed and unpacked.

    Raises InputError where it cannot be read, is damaged, breaks off, or is larger: half a file
    would make half an edition, and that is frozen.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    if not octets.startswith(_GZIP):
        return _bounded(path, octets, limit)
    try:
        content = _unpacked(_bounded(path, octets, limit), limit)
    except EOFError as error:
        raise InputError(f"{path}: the gzip breaks off: is it still being written?") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: the gzip is damaged ({error}); fetch it again") from error
    return _bounded(path, content, limit)


def _bounded(path: Path, octets: bytes, limit: int) -> bytes:
    if len(octets) > limit:
        raise InputError(f"{path}: more than {limit:,} bytes: too large to be a file of papers")
    return octets


def _unpacked(packed: bytes, limit: int) -> bytes:
    """At most one chunk more than `limit`, however much a small file would swell to."""
    unpacked = io.BytesIO()
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        while unpacked.tell() <= limit and (chunk := file.read1(_CHUNK)):
            unpacked.write(chunk)
    return unpacked.getvalue()
