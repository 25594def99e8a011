"""Reproduce the figures and tables of the three papers, from data to numbers to pictures.

    catalogue: key, paper, what it shows
      └─ run.reproduce(item, request)
           theory    formulas of crosscodec.theory; codes of crosscodec.simulate, run in two processes  ─┐
           trained   recipes ─► packages ─► real files ─► KEY.scores.tsv, a row a decoder and seed       ├─► FigureData
           photos    the shipped package and its peers on photographs ─► real files                     ─┘       │
                                                         KEY.tsv, KEY.json, KEY.svg ◄── report.figures ◄─────────┘

The papers' figures go by what they show, not by their numbers, which differ between versions.
"""
