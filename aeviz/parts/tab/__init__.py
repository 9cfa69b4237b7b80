"""What belongs to a tab of the browser: its history, and the token by which it is known again after a reload.

    from aeviz.parts.tab.streamlit import tab

    tab(drags=["level"], own=["view"], token="…", on_claim=claim)

One act of a person is one entry of the history, whatever it writes into the address; a drag of one handle is one entry,
however often it rests. The token lies in the tab's own storage, which no other tab reads and no link holds, and is told
when a tab with one meets a server that has given it none. Shows nothing itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def payload(
    drags: Sequence[str],
    own: Sequence[str],
    token: str = "",
    *,
    forget: bool = False,
    known: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the browser gets.

    drags: names in the address that follow a hand: changed again and again, they make one entry of the history.
    own: names that the browser writes by itself; an address that is asked for keeps them as they are.
    token: to be kept; "" for none. forget: let go of the one that was kept. known: what is known of the texts under
    the names of `own`, where the page shows a link to itself: the tab tells what they are, if they are others.
    """
    texts = None if known is None else dict(known)
    return {"drags": list(drags), "own": list(own), "token": token, "forget": forget, "known": texts}
