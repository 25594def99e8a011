"""Which encoder suits which picture: what the name `auto` chooses by."""
