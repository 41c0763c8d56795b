"""What a run means in people, hours and euros, and how two runs differ."""
