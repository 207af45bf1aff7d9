"""Alembic's entry: `store.engine` passes the open connection, one transaction for all."""

from alembic import context

from newsletter.store.engine import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
