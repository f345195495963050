"""The logs of all teams, back from a broker: `Source`s for whoever keeps what they tell elsewhere."""
