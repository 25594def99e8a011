"""Pictures in NumPy's .npy files, checked by their header before any pixel is looked at. Pickled objects are never
loaded.
"""

import io

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData
from crosscodec.images.picture import Picture, flat_gray, from_whole

# A float picture on the scale 0..255 is caught here; on 0..1, even noise of sigma 255/255 does not reach so far.
LARGEST_FLOAT = 16.0
_KINDS = "uint8 (H, W) or (H, W, 3); float16, float32 or float64 on the scale 0..1; or uint16"


def array_pages(data: bytes, pixel_limit: int) -> NDArray[np.generic]:
    """The pictures in a .npy file (NEP 1) along the first axis: one, or as many as (N, H, W) and (N, H, W, 3) say.

    CorruptData: header or length wrong. UnsupportedData: objects, or another shape. ResourceLimit: more than
    `pixel_limit` pixels claimed.
    """
    shape, fortran, dtype, start = _header(data)
    if dtype.hasobject:
        raise UnsupportedData(f".npy file holds Python objects, which are never loaded; save the pixels as {_KINDS}")
    # Up to four along the last axis are channels, of which alpha is not read.
    several = len(shape) == 4 or (len(shape) == 3 and shape[2] > 4)
    picture = shape[1:] if several else shape
    if len(picture) not in (2, 3) or min(shape) < 1 or picture[2:] not in ((), (1,), (3,)):
        raise UnsupportedData(
            f".npy file holds an array of shape {shape}; a picture is (H, W), (H, W, 1) or (H, W, 3), and several are "
            "(N, H, W) or (N, H, W, 3)"
        )
    count = f"{shape[0]} times " if several else ""
    if (shape[0] if several else 1) * picture[0] * picture[1] > pixel_limit:
        raise ResourceLimit(
            f".npy header claims {count}{picture[1]} x {picture[0]} pixels, more than the limit of {pixel_limit}"
        )
    expected = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if len(data) - start != expected:
        raise CorruptData(f".npy file has {len(data) - start} bytes of pixels, its header says {expected}")
    stored = np.frombuffer(data, dtype, offset=start).reshape(shape, order="F" if fortran else "C")
    return stored if several else stored[np.newaxis]


def array_picture(stored: NDArray[np.generic], any_scale: bool = False) -> Picture:
    """A picture of `array_pages`. uint8 stays; floats become float32, unclipped; uint16 becomes float32 divided by
    65535. (H, W, 1) becomes (H, W).

    UnsupportedData: another type, NaN, infinity, or values that are not on the scale 0..1, unless `any_scale` (whole
    numbers of other sizes then become floats too).
    """
    dtype = stored.dtype
    whole = dtype.kind in "ui" and any_scale
    if not whole and (dtype.kind not in "uf" or dtype.itemsize > 8 or (dtype.kind == "u" and dtype.itemsize > 2)):
        raise UnsupportedData(f".npy file holds {dtype}; a picture is {_KINDS}")
    return _converted(flat_gray(stored), any_scale)


def _header(data: bytes) -> tuple[tuple[int, ...], bool, np.dtype[np.generic], int]:
    stream = io.BytesIO(data)
    try:
        version = npy.read_magic(stream)
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if reader is None:
            raise UnsupportedData(f".npy file of version {version}; versions (1, 0) and (2, 0) are read")
        shape, fortran, dtype = reader(stream)
    except UnsupportedData:
        raise
    except Exception as error:
        # NumPy hands the header to Python's parser and tokenizer; whatever they raise, the header is damaged.
        raise CorruptData(f".npy header cannot be read: {str(error)[:200]}") from error
    if any(side < 0 for side in shape):
        raise CorruptData(f".npy header claims the impossible shape {shape}")
    return shape, fortran, dtype, stream.tell()


def _converted(stored: NDArray[np.generic], any_scale: bool) -> Picture:
    if stored.dtype == np.uint8:
        return Picture(np.array(stored, np.uint8, order="C"), (), 8)
    if stored.dtype.kind == "u" and stored.dtype.itemsize == 2:
        notices = () if any_scale else ("16-bit samples divided by 65535", *narrow_range(stored, 16))
        return Picture(from_whole(stored, 65535), notices, 16)
    # The check comes before the conversion, where a large float64 would become infinite.
    if not np.isfinite(stored).all():
        raise UnsupportedData(".npy file holds NaN or infinity; every sample of a picture is a finite number")
    low, high = float(stored.min()), float(stored.max())
    if not any_scale and (low < -LARGEST_FLOAT or high > LARGEST_FLOAT):
        raise UnsupportedData(
            f".npy file holds floats from {low:.6g} to {high:.6g}; float pictures are on the scale 0..1, or have their "
            "own told with --range"
        )
    with np.errstate(over="ignore"):
        floats = np.array(stored, np.float32, order="C")
    if not np.isfinite([floats.min(), floats.max()]).all():
        raise UnsupportedData(f".npy file holds numbers of {low:.6g} to {high:.6g}, too large for float32")
    exact = stored.dtype.kind == "f" and stored.dtype.itemsize <= 4
    return Picture(floats, () if exact else (f"{stored.dtype.name} rounded to float32",), 0)


def narrow_range(samples: NDArray[np.generic], bits: int, turned: bool = False) -> tuple[str, ...]:
    """A notice when samples of so many bits use less than an eighth of them, as those of a 12-bit camera do that were
    stored as they are: the picture is nearly black. `turned`: nearly white, since it was made of 2^bits - 1 less these.
    """
    most = int(samples.max())
    if most == 0 or most >= 2 ** (bits - 3):
        return ()
    used = most.bit_length()
    low = 2**bits - 2**used if turned else 0
    return (
        f"the largest sample is {most} of {2**bits - 1}: if these are {used}-bit samples, say "
        f"--range {low},{low + 2**used - 1}, or --range auto",
    )
