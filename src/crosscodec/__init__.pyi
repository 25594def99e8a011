from crosscodec.api import Encoded as Encoded
from crosscodec.api import PictureWarning as PictureWarning
from crosscodec.api import Restored as Restored
from crosscodec.api import decode as decode
from crosscodec.api import decode_stack as decode_stack
from crosscodec.api import encode as encode
from crosscodec.api import encode_stack as encode_stack
from crosscodec.api import restore as restore
from crosscodec.api import restore_stack as restore_stack
from crosscodec.errors import CrosscodecError as CrosscodecError

__all__ = [
    "CrosscodecError",
    "Encoded",
    "PictureWarning",
    "Restored",
    "__version__",
    "decode",
    "decode_stack",
    "encode",
    "encode_stack",
    "restore",
    "restore_stack",
]

__version__: str
