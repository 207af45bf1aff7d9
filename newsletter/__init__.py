"""Paper Round: trending papers in your e-mail inbox, chosen for each reader.

Each morning `newsletter run` gathers the day's papers (`sources`), files them in the archive
(`store`), composes the day's frozen, numbered edition (`editorial.editions`), asks for every
subscriber whose clock has struck whether something in it is for her (`editorial.schedule`,
`editorial.digests`), writes one row per answer into the ledger (`store.ledger`), prints her mail
from the edition's ready segments (`rendering.press`, `delivery.message`) and hands it to the relay
exactly once (`delivery.relay`, `steps.send`). `docs/architecture.md` tells it on one page.
"""

__version__ = "0.1.0"
