"""The address that a class types, and the password."""

import ipaddress
import re
import socket

import pytest

from aeviz.app import sharing


def test_addresses_are_this_machines_own() -> None:
    found = sharing.addresses()
    assert len(set(found)) == len(found)
    for address in found:
        assert not ipaddress.ip_address(address).is_loopback
        with socket.socket() as probe:
            probe.bind((address, 0))  # only an address of one's own can be bound


def test_without_a_network_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unplugged:
        def __init__(self, *kind: object) -> None: ...

        def __enter__(self) -> "Unplugged":
            return self

        def __exit__(self, *failure: object) -> None: ...

        def connect(self, address: object) -> None:
            raise OSError("Network is unreachable")

    def unknown(name: str) -> None:
        raise OSError("unknown host")

    monkeypatch.setattr(socket, "socket", Unplugged)
    monkeypatch.setattr(socket, "gethostbyname_ex", unknown)
    assert sharing.addresses() == []
    assert "no address in a network yet" in sharing.announcement(8501, None)


def test_the_announcement_is_what_a_class_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "addresses", lambda: ["192.168.1.7", "10.0.0.2"])
    said = sharing.announcement(8601, "k7fq-29xm")
    assert "http://192.168.1.7:8601" in said
    assert "http://10.0.0.2:8601" in said
    assert "Password: k7fq-29xm" in said
    assert "No password is asked for" in sharing.announcement(8601, None)


def test_a_password_is_the_users_own_or_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(sharing.PASSWORD, raising=False)
    assert sharing.asked_for(False) is None
    made = {sharing.asked_for(True) for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[a-z2-9]{4}-[a-z2-9]{4}", password or "") for password in made)
    monkeypatch.setenv(sharing.PASSWORD, " mine ")
    assert sharing.asked_for(False) == sharing.asked_for(True) == "mine"
