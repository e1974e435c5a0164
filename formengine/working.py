"""What the steps of `formengine worker` work with, as the operator set it up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from formengine.bootstrap import Engine
from formengine.jobs.pipeline import Tools


def tools(engine: Engine) -> Tools:
    """The tools of a worker, who opens what was sealed to it. Errors: ConfigError."""
    tenants = engine.settings.tenants
    return Tools(
        stores=engine.stores.opened_by(engine.job),
        forms=engine.forms,
        renderer=engine.renderer,
        signer=engine.signer,
        channels=engine.channels,
        clock=lambda: datetime.now(UTC),
        kept_days={one.id: one.kept_days for one in tenants},
        patience={
            one.id: timedelta(minutes=one.unstamped_after_min) for one in tenants if one.unstamped_after_min is not None
        },
        stamp_to={one.id: one.stamp_to for one in tenants},
    )
