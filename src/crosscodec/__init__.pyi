from crosscodec.api import Encoded as Encoded
from crosscodec.api import PictureWarning as PictureWarning
from crosscodec.api import Restored as Restored
from crosscodec.api import decode as decode
from crosscodec.api import encode as encode
from crosscodec.api import restore as restore

__all__ = ["Encoded", "PictureWarning", "Restored", "__version__", "decode", "encode", "restore"]

__version__: str
