from crosscodec.api import Encoded as Encoded
from crosscodec.api import PictureWarning as PictureWarning
from crosscodec.api import Restored as Restored
from crosscodec.api import decode as decode
from crosscodec.api import encode as encode
from crosscodec.api import restore as restore
from crosscodec.errors import CrosscodecError as CrosscodecError

__all__ = ["CrosscodecError", "Encoded", "PictureWarning", "Restored", "__version__", "decode", "encode", "restore"]

__version__: str
