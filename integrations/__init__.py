"""What connects the house to the world: one folder per platform, mailer or directory."""
