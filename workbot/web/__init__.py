"""The web: one application, its guards, its pages and their frame, and how people sign in."""
