import gzip
import io
import tracemalloc

import pytest

from newsletter.errors import InputError
from newsletter.sources.content import read_content


def test_a_plain_and_a_packed_file_hold_the_same(tmp_path) -> None:
    path = tmp_path / "file"
    for octets in (
        b"as it is",
        gzip.compress(b"as it is"),
        gzip.compress(b"as ") + gzip.compress(b"it is"),
    ):
        path.write_bytes(octets)
        assert read_content(path, limit=100) == (b"as it is")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_may_be_as_large_as_the_limit_and_no_larger(tmp_path, pack) -> None:
    path = tmp_path / "file"
    path.write_bytes(pack(b"x" * 1_000))
    assert read_content(path, limit=1_000) == (b"x" * 1_000)
    with pytest.raises(InputError) as refusal:
        read_content(path, limit=999)
    assert str(refusal.value) == f"{path}: more than 999 bytes: too large to be a file of papers"


def test_a_small_file_that_unpacks_without_end_takes_no_memory_to_refuse(tmp_path) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as bomb:
        for _ in range(30):
            bomb.write(bytes(1_000_000))
    path = tmp_path / "bomb"
    path.write_bytes(packed.getvalue())
    tracemalloc.start()
    with pytest.raises(InputError, match="more than 1,000,000 bytes"):
        read_content(path, limit=1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_gzip_that_breaks_off_is_refused_whole(tmp_path) -> None:
    path = tmp_path / "file"
    for end in (-1, -8, -12):
        path.write_bytes(gzip.compress(b"one\ntwo\n" * 1_000)[:end])
        with pytest.raises(InputError, match="breaks off"):
            read_content(path, limit=100_000)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(gzip.compress(b"one\n") + b"more", id="something after it"),
        pytest.param(gzip.compress(b"one\n")[:10] + b"\xff" * 20, id="damaged inside"),
        pytest.param(b"\x1f\x8b\x09" + bytes(9), id="an unknown method"),
    ],
)
def test_a_damaged_gzip_is_refused(tmp_path, octets) -> None:
    path = tmp_path / "file"
    path.write_bytes(octets)
    with pytest.raises(InputError, match=f"^{path}: the gzip is damaged .*; fetch it again$"):
        read_content(path, limit=100)
