"""Storage: the database and its transactions, statements for many rows, and what processes tell each other."""
