"""Directories: where the house learns who works here."""

from integrations.directory.csv_file import CsvDirectory

__all__ = ["CsvDirectory"]
