"""ENC: what is sealed opens where it belongs, for whom it is meant, and nowhere else."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from jwcrypto.common import base64url_decode, base64url_encode

from formengine.errors import SealBroken
from formengine.services.values import AUTHORITY, CODE, SESSION, Reader
from formengine.storage import encryption
from formengine.storage.encryption import Binding
from tests import opened

KEY = bytes(range(32))
HERE = Binding("musterstadt", "d" * 32, 7, "draft")


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, tenant="elsewhere"),
        replace(HERE, object="e" * 32),
        replace(HERE, version=6),
        replace(HERE, purpose="record"),
    ],
)
def test_enc_02_a_blob_opens_where_it_belongs_and_nowhere_else(
    elsewhere: Binding, caplog: pytest.LogCaptureFixture
) -> None:
    for seal, unseal in (
        (encryption.seal, encryption.unseal),
        (encryption.seal_file, encryption.unseal_file),
    ):
        blob = seal(KEY, HERE, b"geheim")
        assert unseal(KEY, HERE, blob) == b"geheim"
        with pytest.raises(SealBroken):
            unseal(KEY, elsewhere, blob)
        with pytest.raises(SealBroken):
            unseal(bytes(32), HERE, blob)
    assert "does not open" in caplog.text, "an alarm"


@pytest.mark.parametrize("at", [0, 5, 40, 60, -1])
def test_enc_02_a_changed_byte_is_found(at: int) -> None:
    blob = bytearray(encryption.seal(KEY, HERE, b"geheim"))
    blob[at] ^= 1
    with pytest.raises(SealBroken):
        encryption.unseal(KEY, HERE, bytes(blob))


def test_enc_02_pieces_of_a_file_are_neither_dropped_nor_swapped_nor_cut() -> None:
    size = encryption.CHUNK_BYTES
    plain = secrets.token_bytes(2 * size + 5)
    blob = encryption.seal_file(KEY, HERE, plain)
    assert encryption.unseal_file(KEY, HERE, blob) == plain
    line, _, body = blob.partition(b"\n")
    step = size + 28
    first, second, third = body[:step], body[step : 2 * step], body[2 * step :]
    for wrong in ([first, second], [first, third], [second, first, third], [first, second, third[:-1]], []):
        with pytest.raises(SealBroken):
            encryption.unseal_file(KEY, HERE, line + b"\n" + b"".join(wrong))


@pytest.mark.parametrize("size", [0, 1, encryption.CHUNK_BYTES, encryption.CHUNK_BYTES + 1])
def test_a_file_of_any_size_comes_back(size: int) -> None:
    plain = bytes(size)
    assert encryption.unseal_file(KEY, HERE, encryption.seal_file(KEY, HERE, plain)) == plain


def test_enc_03_keys_are_derived_as_rfc_5869_says_with_a_length_before_each_label() -> None:
    info = b"\x00\x0cformengine/1\x00\x04blob\x00\x05draft"
    extracted = hmac.digest(bytes(32), KEY, "sha256")
    assert encryption.derive(KEY, "blob", "draft") == hmac.digest(extracted, info + b"\x01", "sha256")
    assert encryption.derive(KEY, "ab", "c") != encryption.derive(KEY, "a", "bc")


def test_enc_04_a_nonce_never_comes_twice() -> None:
    nonces = {json.loads(encryption.seal(KEY, HERE, b"").partition(b"\n")[0])["n"] for _ in range(5000)}
    assert len(nonces) == 5000


def test_a_code_and_a_session_open_what_was_wrapped_for_them_alone() -> None:
    for kind in (CODE, SESSION):
        reader = Reader(kind, {"a": b"secret"})
        wrapped = encryption.wrap(reader, KEY)
        assert KEY not in wrapped.wrapped
        assert encryption.unwrap(reader, wrapped) == KEY
        for other in (Reader(kind, {"a": b"another"}), Reader(kind, {"b": b"secret"})):
            with pytest.raises(SealBroken):
                encryption.unwrap(other, wrapped)
    with pytest.raises(SealBroken):
        encryption.unwrap(Reader(CODE, {"a": b"secret"}), encryption.wrap(Reader(SESSION, {"a": b"secret"}), KEY))


def _by_the_rfc(token: bytes, private: dict[str, str]) -> bytes:
    """RFC 7516 and RFC 7518 4.6, written out: what any other library does with a compact JWE."""
    protected, wrapped, nonce, ciphertext, tag = token.decode().split(".")
    header = json.loads(base64url_decode(protected))
    number = {name: int.from_bytes(base64url_decode(header["epk"][name])) for name in ("x", "y")}
    curve = ec.SECP256R1()
    mine = ec.derive_private_key(int.from_bytes(base64url_decode(private["d"])), curve)
    shared = mine.exchange(ec.ECDH(), ec.EllipticCurvePublicNumbers(**number, curve=curve).public_key())
    algorithm = header["alg"].encode()
    info = len(algorithm).to_bytes(4) + algorithm + bytes(8) + (256).to_bytes(4)
    key = aes_key_unwrap(ConcatKDFHash(SHA256(), 32, info).derive(shared), base64url_decode(wrapped))
    sealed = base64url_decode(ciphertext) + base64url_decode(tag)
    return AESGCM(key).decrypt(base64url_decode(nonce), sealed, protected.encode())


def test_enc_05_what_is_sealed_to_the_authority_opens_by_the_rfc_alone() -> None:
    authority = opened.private(AUTHORITY)
    wraps = [one for one in opened.ring().wraps(KEY, "musterstadt") if one.key_id in authority.secrets]
    (wrapped,) = wraps
    assert _by_the_rfc(wrapped.wrapped, authority.secrets[wrapped.key_id].export(as_dict=True)) == KEY
    assert encryption.unwrap(authority, wrapped) == KEY


@pytest.mark.parametrize("header", [{"alg": "dir"}, {"alg": "RSA1_5"}, {"alg": "ECDH-ES"}, {"enc": "A128CBC-HS256"}])
def test_enc_05_no_other_algorithm_is_taken(header: dict[str, str]) -> None:
    authority = opened.private(AUTHORITY)
    wrapped = next(one for one in opened.ring().wraps(KEY, "t") if one.key_id in authority.secrets)
    first, _, rest = wrapped.wrapped.partition(b".")
    changed = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": wrapped.key_id} | header
    token = base64url_encode(json.dumps(changed)).encode() + b"." + rest
    assert first != token
    with pytest.raises(SealBroken):
        encryption.unwrap(authority, replace(wrapped, wrapped=token))
