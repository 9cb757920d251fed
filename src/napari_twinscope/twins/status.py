"""What must be said of responses that are not those of a mouse."""

from __future__ import annotations

CAUTIONS = {
    "untrained": "UNTRAINED: responses mean nothing biological",
    "simulated": "SIMULATED cells, not mouse data",
}


def caution(status: str) -> str:
    """Return what to tell people of a twin with this `Twin.status`; empty if there is nothing to tell.

    A status that another package made up is told as it is.

    Examples
    --------
    >>> caution("simulated")
    'SIMULATED cells, not mouse data'
    """
    return CAUTIONS.get(status, status)
