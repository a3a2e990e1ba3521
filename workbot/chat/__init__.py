"""What chat integrations share: each file is one job, and takes from a platform what differs there."""
