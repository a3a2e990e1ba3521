"""What it takes to add a kind of thing: each test adds one to a copy of the product, counts the files and uses it."""
