"""Training of the photo codec: block DCT, pyramids, context density."""
