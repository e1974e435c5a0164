"""SCH-14 and REL-16: what is checked is what is connected to, and everything ends."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from formengine import outbound
from formengine.errors import Unreachable
from tests.delivery.servers import http_server


@pytest.mark.parametrize(
    ("address", "public"),
    [("93.184.215.14", True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True), ("10.1.2.3", False),
     ("172.16.0.1", False), ("192.168.1.1", False), ("127.0.0.1", False), ("169.254.169.254", False),
     ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False),
     ("::", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:192.168.1.1", False),
     ("2002:c0a8:0101::1", False), ("64:ff9b::c0a8:101", False), ("64:ff9b::5db8:d70e", True)],
)  # fmt: skip
def test_private_local_and_reserved_networks_are_known(address, public):
    assert outbound.is_public(address) is public


def resolving(monkeypatch, *answers):
    """The names of the resolver: each call takes the next of *answers*, the last one for ever."""
    asked = []

    def resolve(host, port, *args, **kwargs):
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.7"]])
def test_a_name_that_leads_into_a_private_network_is_not_connected_to(monkeypatch, addresses):
    resolving(monkeypatch, addresses)
    connected = []
    monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: connected.append(args))
    with outbound.Client() as client, pytest.raises(Unreachable, match="private"):
        client.request("GET", "https://amt.example/")
    assert connected == []


def test_a_name_that_changes_after_the_check_changes_nothing(monkeypatch):
    """The resolver says something public first and then leads home: it is asked once, and connected is what it said."""
    asked = resolving(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    connected = []

    def connect(address, *args, **kwargs):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with outbound.Client() as client:
        for _ in range(2):
            with pytest.raises(Unreachable):
                client.request("GET", "https://amt.example/")
    assert asked == ["amt.example"]
    assert {address[0] for address in connected} == {"93.184.215.14"}


@contextmanager
def tls_server(tmp_path, name):
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    alternative = x509.DNSName(name) if name[0].isalpha() else x509.IPAddress(ipaddress.ip_address(name))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "root.pem").write_bytes(pem)
    (tmp_path / "server.pem").write_bytes(plain + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                plain_socket, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain_socket, server_side=True) as connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except OSError:
                plain_socket.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_the_certificate_must_be_of_the_name_and_of_a_trusted_root(tmp_path, monkeypatch):
    with tls_server(tmp_path, "amt.example") as port:
        resolving(monkeypatch, ["127.0.0.1"])
        with outbound.Client(allow_private=True, ca_file=tmp_path / "root.pem") as client:
            assert client.request("GET", f"https://amt.example:{port}/").body == b"ok"
        with outbound.Client(allow_private=True, ca_file=tmp_path / "root.pem") as client, pytest.raises(Unreachable):
            client.request("GET", f"https://other.example:{port}/")
        with outbound.Client(allow_private=True) as client, pytest.raises(Unreachable):
            client.request("GET", f"https://amt.example:{port}/")


def test_an_answer_that_drips_ends_when_the_time_is_over():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip():
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    for number in range(600):
                        connection.sendall(f"x{number}: y\r\n".encode())
                        time.sleep(0.1)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with outbound.Client(allow_private=True, total_s=0.5) as client, pytest.raises(Unreachable, match="in time"):
            client.request("GET", url)
        assert time.monotonic() - began < 30, "it drips for a minute"
        thread.join()


def test_an_answer_that_is_too_long_is_not_kept():
    long = b"x" * (3 * 2**20)
    with http_server(lambda _: (200, {}, long)) as address:
        client = outbound.Client(allow_private=True)
        with client, pytest.raises(Unreachable, match="too long"):
            client.request("GET", address + "/")


def test_a_redirect_is_not_followed():
    with http_server(lambda _: (302, {"Location": "http://127.0.0.1:9/"}, b"")) as address:
        client = outbound.Client(allow_private=True)
        with client:
            assert client.request("GET", address + "/").status == 302
