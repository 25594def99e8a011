"""Context networks for the files of a photo package: what its symbols cost, everything else as it is."""
