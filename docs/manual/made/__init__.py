"""What of the manual is made from the code when it is built."""
