"""From decisions to text: chains, their layout, imports, and the splice of all edits of a file at once."""
