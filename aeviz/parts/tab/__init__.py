"""What belongs to a tab of the browser: its history, a token by which it is known after a reload, a list of views.

    from aeviz.parts.tab.streamlit import tab

    tab(drags=["level"], gathers=["drawn"], own=["view"], token="…", on_claim=claim, on_views=take_back)

One act of a person is one entry of the history, whatever it writes into the address; so is a drag of a handle, however
often it rests. The strokes of a drawing are one entry, and so is zoom and pan of a map. The token lies in the tab's
own storage, which no other tab reads and no link holds, and is told when a tab with one meets a server that has given
it none. So is the list of a presentation's views. Shows nothing itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def payload(
    drags: Sequence[str],
    gathers: Sequence[str],
    own: Sequence[str],
    token: str = "",
    *,
    forget: bool = False,
    known: Mapping[str, str] | None = None,
    views: str | None = None,
) -> dict[str, Any]:
    """What the browser gets.

    drags: names in the address that a handle sets: a drag makes one entry of the history, the next one another.
    gathers: names under which all that a hand does, one after another, makes one entry.
    own: names that the browser writes by itself; an address that is asked for keeps them as they are. They gather.
    token: to be kept; "" for none. forget: let go of the one that was kept. known: what is known of the texts under
    the names of `own`, where the page shows a link to itself: the tab tells what they are, if they are others.
    views: a text to be kept; "" to let go of the one that was kept; None where there is none yet: the tab tells its.
    """
    texts = None if known is None else dict(known)
    return {
        "drags": list(drags),
        "gathers": list(gathers),
        "own": list(own),
        "token": token,
        "forget": forget,
        "known": texts,
        "views": views,
    }
