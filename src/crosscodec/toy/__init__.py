"""Toy sources whose limits are known, given to the learned codec: how far from the bound is a trained network?

    settings ─► sources.py: law, label, limits of crosscodec.theory ──────────────────────────────────────────┐
        └─► training.py: encoder, quantiser, decoders (torch) ─► export.py: a codec package (.xcm)            │
                                                                      │                                       │
    samples of the source ─► encoder process ─► coded file (.xcd) ─► decoder process ─► outputs ─► measuring.py: rows

Nothing of the coding is new: quantisers and tables are those of learn/transport, package, dither, range coder and file
those of every codec here. A sample is the value of a picture that happens to be in floating point. docs/toy.md.
"""
