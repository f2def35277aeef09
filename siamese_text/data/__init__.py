"""Names, files and the hub to rows, and rows to pairs and examples: columns, labels, splits, leaks."""
