"""What it takes to let others in: the address that they type, and a password."""

import os
import secrets
import socket
from collections.abc import Iterator

PASSWORD = "AEVIZ_PASSWORD"
SHARED = "AEVIZ_SHARED"  # a secret of the app, like the password: "yes" where other machines may come in
ALL_ADDRESSES, LOOPBACK = "0.0.0.0", "127.0.0.1"
# Nothing is sent to these: the system is asked which of its own addresses it would use.
_TOWARDS = ("192.168.255.255", "10.255.255.255", "172.31.255.255", "8.8.8.8")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


def addresses() -> list[str]:
    """This machine's IPv4 addresses in its networks, the likeliest first; empty where it has none. Sends nothing."""
    return list(dict.fromkeys(address for address in _candidates() if not address.startswith(("127.", "0."))))


def _candidates() -> Iterator[str]:
    for target in _TOWARDS:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((target, 9))
                yield str(probe.getsockname()[0])
            except OSError:
                continue
    try:
        yield from socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        return


def new_password() -> str:
    """A password that can be read aloud, some 40 bits: "k7fq-29xm"."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def announcement(port: int, password: str | None) -> str:
    """What to tell a class, in lines for the terminal. password: what the app asks for, or None."""
    reachable = addresses()
    lines = ["aeviz is open to everyone in this network. Type into a browser:", ""]
    lines += [f"    http://{address}:{port}" for address in reachable] or [
        "    (this machine has no address in a network yet: connect it, then start again)"
    ]
    if password:
        lines += ["", f"    Password: {password}"]
    else:
        lines += ["", "No password is asked for; `--password` sets one."]
    return "\n".join([*lines, "", f"On this machine: http://localhost:{port}. Ctrl+C ends it."])


def asked_for(make_one: bool) -> str | None:
    """The password that visitors must give: AEVIZ_PASSWORD, or a new one where one is wanted, else None."""
    return os.environ.get(PASSWORD, "").strip() or (new_password() if make_one else None)
