"""A trust centre of the tests on loopback: it issues certificates, stamps the time (RFC 3161) and tells what is revoked.

Every fault that a time-stamp authority has shown in life can be switched on: `fault` names it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM


class TrustCentre:
    """One root, the certificates it issued, and its services at `url`."""

    def __init__(self, name: str = "Vertrauensdienst der Proben") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name(f"{name} Wurzel")
        self.fault = ""
        self.skew = timedelta()
        self.revoked: set[int] = set()
        self._issued: dict[int, x509.Certificate] = {}
        self._other: TrustCentre | None = None
        self.holds = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.centre = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.root = self._root()
        self._common = f"{name} Zeitstempel"
        self.renew()
        self._responder_key = ec.generate_private_key(ec.SECP256R1())
        self._responder = self._responding()
        self.thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def renew(self) -> None:
        """Give the time stamps a new key and certificate."""
        key = rsa.generate_private_key(65537, 2048)
        self.tsa = self.issue(self._common, key, time_stamps=True)
        self._stamper = self._stamping(self.tsa, key)

    def issue(self, common: str, key: Key, *, time_stamps: bool = False, way: str = "ocsp") -> x509.Certificate:
        """A certificate for *key*; *way* is how one hears whether it was revoked: `ocsp`, `crl` or "" for none."""
        now = datetime.now(UTC)
        purpose = ExtendedKeyUsageOID.TIME_STAMPING if time_stamps else ExtendedKeyUsageOID.EMAIL_PROTECTION
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(now + timedelta(days=700))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(True, not time_stamps, False, False, False, False, False, False, False), critical=True
            )
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=time_stamps)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if way == "ocsp":
            at = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _at(f"{self.url}/ocsp"))
            made = made.add_extension(x509.AuthorityInformationAccess([at]), critical=False)
        if way == "crl":
            point = x509.DistributionPoint([_at(f"{self.url}/crl")], None, None, None)
            made = made.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        certificate = made.sign(self.key, hashes.SHA256())
        self._issued[certificate.serial_number] = certificate
        return certificate

    def key_file(self, folder: Path, key: Key, certificate: x509.Certificate) -> Path:
        """Key, certificate and root in one PEM file."""
        secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = folder / "seal.pem"
        path.write_bytes(secret + certificate.public_bytes(PEM) + self.root.public_bytes(PEM))
        return path

    def root_file(self, folder: Path) -> Path:
        """The root, in PEM."""
        path = folder / "root.crt"
        path.write_bytes(self.root.public_bytes(PEM))
        return path

    def stop(self) -> None:
        """End the services."""
        self.holds.set()
        self._server.shutdown()
        self._server.server_close()
        self.thread.join(5)

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body for a request."""
        if path == "/tsa":
            return self._stamp(body)
        if self.fault == "revocation":
            return 503, b""
        return 200, self._crl() if path == "/crl" else self._ocsp(body)

    def _stamp(self, body: bytes) -> tuple[int, bytes]:
        if self.fault == "503":
            return 503, b"down"
        if self.fault == "hangs":
            self.holds.wait(30)
        if self.fault == "junk":
            return 200, b"<html>a proxy says hello</html>"
        stamper = self._stamper
        if self.fault == "wrong certificate":
            stamper = self._stranger()
        stamper.fixed_dt = datetime.now(UTC).replace(microsecond=0) + self.skew
        request = tsp.TimeStampReq.load(body)
        if self.fault == "another document":
            request["message_imprint"]["hashed_message"] = bytes(32)
        return 200, stamper.request_tsa_response(request).dump()

    def _stamping(self, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> DummyTimeStamper:
        store = SimpleCertificateStore()
        store.register(asn1_x509.Certificate.load(self.root.public_bytes(DER)))
        secret = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return DummyTimeStamper(
            asn1_x509.Certificate.load(certificate.public_bytes(DER)), asn1_keys.PrivateKeyInfo.load(secret), store
        )

    def _stranger(self) -> DummyTimeStamper:
        """A time-stamp authority of the same names that nobody trusts."""
        if self._other is None:
            self._other = TrustCentre()
            self._other._server.server_close()
        return self._other._stamper

    def _root(self) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(self.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(now + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def _responding(self) -> x509.Certificate:
        """Who answers by OCSP for the root: as centres do, a certificate of which nobody asks whether it was revoked."""
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_name("Auskunft"))
            .issuer_name(self.name)
            .public_key(self._responder_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(now + timedelta(days=700))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
            .add_extension(x509.OCSPNoCheck(), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._responder_key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def _crl(self) -> bytes:
        now = datetime.now(UTC)
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(now - timedelta(minutes=5))
            .next_update(now + timedelta(days=7))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for serial in self.revoked:
            made = made.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - timedelta(hours=1)).build()
            )
        return made.sign(self.key, hashes.SHA256()).public_bytes(DER)

    def _ocsp(self, body: bytes) -> bytes:
        asked = ocsp.load_der_ocsp_request(body)
        now = datetime.now(UTC)
        certificate = self._issued[asked.serial_number]
        is_revoked = asked.serial_number in self.revoked
        made = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate,
            issuer=self.root,
            algorithm=hashes.SHA1(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now,
            next_update=now + timedelta(days=7),
            revocation_time=now - timedelta(hours=1) if is_revoked else None,
            revocation_reason=None,
        )
        made = made.responder_id(ocsp.OCSPResponderEncoding.HASH, self._responder).certificates([self._responder])
        try:
            nonce = asked.extensions.get_extension_for_class(x509.OCSPNonce)
            made = made.add_extension(nonce.value, critical=False)
        except x509.ExtensionNotFound:
            pass
        return made.sign(self._responder_key, hashes.SHA256()).public_bytes(DER)


@contextmanager
def trust_centre() -> Iterator[TrustCentre]:
    """A trust centre that answers."""
    centre = TrustCentre()
    centre.thread.start()
    try:
        yield centre
    finally:
        centre.stop()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        status, answer = self.server.centre.answer(self.path, body)  # type: ignore[attr-defined]
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except OSError:
            pass  # who asked has gone

    def log_message(self, *_: object) -> None:
        pass


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _at(url: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(url)
