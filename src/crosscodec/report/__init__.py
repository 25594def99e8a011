"""Reports: tables and pictures of finished runs, turned into pages. Never imports torch or the codec."""
