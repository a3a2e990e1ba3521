"""A made-up platform behind real HTTP that enforces limits as Slack and Teams do, and remembers all it was sent."""
