"""Alembic migrations; `python -m conversation_server db upgrade` and every start apply them."""
