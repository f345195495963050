"""A plan as pictures: SVG and HTML that need no script, no font and nothing else from elsewhere."""
