"""A further decoder for the encoder of a photo package: one representation, many decoders."""
