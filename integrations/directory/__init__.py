"""Directories: where the app learns who works here."""

from integrations.directory.csv_file import CsvDirectory

__all__ = ["CsvDirectory"]
