"""Rotate keys: whoever holds the former key wraps what it opens for the one that follows (ENC-08).

In batches, each a transaction: stopped half-way, the next run goes on, and everything can be read all the while.
"""

from __future__ import annotations

from typing import Final

from formengine.services.ports import Ring, Stores

_BATCH: Final = 500


def rewrap(stores: Stores, ring: Ring, kind: str) -> int:
    """Wrap anew all that former keys of *kind* open; how many rows. *stores* are opened by a reader of that kind."""
    former = ring.former(kind)
    count = 0
    while former:
        with stores.write() as work:
            rows = work.keys.wrapped_for(kind, former, limit=_BATCH)
            for draft_id, old in rows:
                key = work.keys.key(draft_id)
                new = ring.anew(old, key) if key else None
                if new is None:
                    return count
                work.keys.replace(draft_id, old, new)
                count += 1
        if len(rows) < _BATCH:
            break
    return count
