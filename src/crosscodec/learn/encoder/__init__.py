"""A further encoder for the files of a photo package: many encoders, one representation."""
