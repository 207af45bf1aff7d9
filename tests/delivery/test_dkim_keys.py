"""Private keys as they lie in files, good and bad."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from newsletter.delivery.dkim import read_signer
from newsletter.errors import ConfigurationError

RSA = generate_private_key(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()
# Of 512 bits: no library makes one any more.
SHORT = b"""\
-----BEGIN RSA PRIVATE KEY-----
MIIBOwIBAAJBALsPhCp+O2kUz8ocGyh5qwYD8/iX7gbVXydH/y9sJMOqWhJCLsmS
IRbyF7Zth6fiMxMpMNY0zCdxRBgasiYkudcCAwEAAQJARommVAO/0XM4m8UXdJ7U
n/MTp7Va25bQR9a9YpuMDX/lQ/rCYi6V3o5JLSb6S5ngrk8+fMJ+buJI5gjCmZGC
AQIhAOPyRkBomUx7aSny2oZ1dBkdlzaSk65LYIBjNVpCD5zXAiEA0hUWFWwTu2nH
hSexDR/dd5zA7SOuweD9KESJRESLKwECIQDi65sYH4kM5IaKpiL5XA/ZuOWCBGVU
S+Gjrh+83KriPQIhAIvZQ6ExGBWbfhlS6dbNzpUwgXGbXltsFbp3nVUXt/kBAiAL
afpgSIeqk76A6hBfxep2rnL0cae1MKOEP7YAc/sOlw==
-----END RSA PRIVATE KEY-----
"""


def pem(
    key: object,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption())


def kept(folder: Path, octets: bytes, mode: int = 0o600) -> Path:
    path = folder / "dkim.pem"
    path.write_bytes(octets)
    path.chmod(mode)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_signer("paper.example", "s1", path)
    assert refused.value.exit_code == 78
    assert refused.value.__cause__ is None
    message = str(refused.value)
    assert message.startswith(f"relay.dkim_key: {path}: ")
    assert message.endswith("; nothing was sent")
    return message


@pytest.mark.parametrize(
    "octets",
    [pem(RSA), pem(RSA, PrivateFormat.TraditionalOpenSSL), pem(ED25519)],
    ids=["rsa in PKCS#8", "rsa in PKCS#1", "ed25519"],
)
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_a_key_is_read(tmp_path: Path, octets: bytes, mode: int) -> None:
    signer = read_signer("paper.example", "s1", kept(tmp_path, octets, mode))
    assert (signer.domain, signer.selector) == ("paper.example", "s1")
    assert pem(signer.key) in {pem(RSA), pem(ED25519)}


def test_a_printed_signer_tells_nothing_of_its_key(tmp_path: Path) -> None:
    printed = repr(read_signer("paper.example", "s1", kept(tmp_path, pem(RSA))))
    assert str(RSA.private_numbers().d) not in printed
    assert "BEGIN" not in printed


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "holds no private key"),
        (b"s1", "holds no private key"),
        (b"\xff\0", "holds no private key"),
        (pem(RSA)[:300], "holds no private key"),
        (pem(RSA).replace(b"\n", b"\nA", 2), "holds no private key"),
        (
            RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "holds no private key",
        ),
        (RSA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), "in PEM"),
        (pem(RSA, encryption=BestAvailableEncryption(b"secret")), "is encrypted"),
        (
            pem(RSA, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"secret")),
            "is encrypted",
        ),
        (pem(ec_key(SECP256R1())), "another kind than RSA and Ed25519"),
        (pem(Ed448PrivateKey.generate()), "another kind than RSA and Ed25519"),
        (SHORT, "an RSA key of 512 bits is too short"),
    ],
)
def test_what_is_no_good_key_is_refused_and_not_told(
    tmp_path: Path, octets: bytes, reason: str
) -> None:
    message = refusal(kept(tmp_path, octets))
    assert reason in message
    for line in octets.decode("latin-1").splitlines():
        assert len(line) < 10 or line not in message


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666])
def test_a_key_that_everybody_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = kept(tmp_path, pem(RSA), mode)
    assert f"everybody on this machine can read it: chmod 600 {path}" in refusal(path)


def test_a_file_that_is_missing_or_none_is_refused(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "missing.pem")
    assert "cannot be read: Is a directory" in refusal(tmp_path)
