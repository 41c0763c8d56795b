"""A model unfolded to integers, and the engine that spreads outages through it."""
