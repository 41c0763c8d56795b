"""The commands beyond running, showing and checking: one module for each kind of question."""
