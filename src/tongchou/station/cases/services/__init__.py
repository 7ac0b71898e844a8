"""What is done with the records of this room: one function for each act of a person."""
