"""Reproduce the figures and tables of the three papers, from data to numbers to pictures.

    catalogue.items()          what there is: key, paper, what it shows
      └─ run.reproduce(item, request)
           theory items   formulas of crosscodec.theory, and codes of crosscodec.simulate run in two processes  ─┐
           trained items  recipes ─► packages ─► real files ─► KEY.scores.tsv, a row a decoder and seed           ├─► FigureData
           photo items    the shipped package and its peers on photographs ─► scores.tsv                         ─┘
                                                             KEY.tsv, KEY.json, KEY.svg ◄── report.figures ◄──────┘

The papers' figures go by what they show, not by their numbers, which differ between versions.
"""
