"""Database migrations (Alembic), shipped inside the wheel."""
