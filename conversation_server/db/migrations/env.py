"""How Alembic reaches the database: on the connection, and in the transaction, that it is given."""

from alembic import context

from conversation_server.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
