"""What connects the app to the world: one folder per platform, mailer or directory."""
