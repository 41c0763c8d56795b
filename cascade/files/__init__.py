"""YAML and CSV to a model or a scenario and back, and every fault of theirs with its place."""
