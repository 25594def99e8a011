"""The command line: a thin skin that parses, calls one library function and prints."""
