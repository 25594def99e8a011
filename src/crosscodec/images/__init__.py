"""Picture files to arrays and back.

bytes ─► headers, tiff ─► Pillow ─► deep ─► pixels ─► Picture      Picture, samples ─► writing ─► bytes
reading                                                              formats, png
"""
