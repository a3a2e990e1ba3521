"""The web platform: a chat in the browser for everyone, with or without Slack or Teams."""
