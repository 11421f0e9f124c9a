"""Where runs, artifacts, events, messages and jobs are kept: SQLite through SQLAlchemy."""
