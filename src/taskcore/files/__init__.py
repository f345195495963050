"""Files: what is kept as bytes beside the store, such as a team's export."""
