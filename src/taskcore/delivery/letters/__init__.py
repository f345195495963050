"""What is written to people: each letter as blocks, of which one function makes text and another HTML."""
