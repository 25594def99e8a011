"""Picture files to arrays and back, of one picture or of many pages.

bytes ─► headers, tiff ─► Pillow ─► deep ─► pixels ─► Picture ... ─► Stack      Picture, samples ─► writing ─► bytes
reading                  frames                       stack                     formats, png, tiffwriting
"""
