"""A worker in a process of its own, that can be killed: `worker_child.py FOLDER [STAGE]`.

It notes each call of a stage in FOLDER/calls; in the stage STAGE it then hangs. What it renders stands in
FOLDER/rendered, and what it renders or signs again is not what it was before.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from formengine.delivery import folder
from formengine.jobs import worker
from formengine.jobs.pipeline import Tools
from formengine.services.ports import Parcel
from formengine.storage.database import open_stores
from tests import fakes, opened


def main(root: Path, hang_in: str) -> None:
    def note(stage: str) -> None:
        with (root / "calls").open("a") as out:
            out.write(stage + "\n")
        if stage == hang_in:
            time.sleep(60)

    class Renderer(fakes.PlainRenderer):
        def render(self, submission: object, form: object) -> bytes:
            note("render")
            pdf = super().render(submission, form) + f"% at {time.time_ns()}\n".encode()  # no two are alike
            with (root / "rendered").open("ab") as out:
                out.write(pdf)
            return pdf

    class Signer(fakes.PlainSigner):
        def sign(self, pdf: bytes) -> bytes:
            note("sign")
            return super().sign(pdf) + f"% {time.time_ns()}\n".encode()

    class Channel:
        def __init__(self, settings: folder.Settings) -> None:
            self.inner = folder.Folder(settings)

        def deliver(self, parcel: Parcel) -> str:
            note("before the delivery")
            receipt = self.inner.deliver(parcel)
            note("after the delivery")
            return receipt

    url = opened.sqlite_url(root)
    stores = open_stores(url, f"file://{root}/files", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)
    tools = Tools(
        stores=replace(stores),
        forms=fakes.OneForm((SimpleNamespace(id="lunch", hash="0" * 64),)),
        renderer=Renderer(),
        signer=Signer(),
        channels={"musterstadt": {"folder": Channel(folder.Settings(root / "delivered"))}},
        clock=lambda: datetime.now(UTC),
    )
    worker.run(tools, stores.database, url=url, stop=threading.Event(), poll_s=0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
