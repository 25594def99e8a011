"""Pictures in inks (CMYK) and in Lab to sRGB, through LittleCMS.

What four inks look like only their colour profile knows: the plain formula R = (1 - C) (1 - K) makes printed colours
glaring. Lab says by itself what it looks like. Both are shown as by programs that print or edit: relative colorimetric,
with compensation of the black point; what sRGB cannot show becomes the nearest that it can.
"""

import io

from PIL import Image, ImageCms

from crosscodec.images.profiles import OF_OTHER_COLOURS, profile_name, space_of


def in_srgb(image: Image.Image, profile: bytes) -> tuple[Image.Image, bytes, tuple[str, ...]]:
    """The image, the profile that still speaks of its colours, and notices.

    Lab becomes sRGB, and so does CMYK with a profile of CMYK that LittleCMS can use; all else stays as it is.
    """
    if image.mode == "LAB":
        found = _shown(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
        return found, b"", ("Lab turned into sRGB",)
    if image.mode != "CMYK" or not profile:
        return image, profile, ()
    if space_of(profile) != b"CMYK":
        return image, b"", (OF_OTHER_COLOURS,)
    try:
        found = _shown(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        return image, b"", ("damaged colour profile of CMYK dropped",)
    return found, b"", (f"CMYK turned into sRGB by its colour profile, {profile_name(profile)}",)


def _shown(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    found = ImageCms.profileToProfile(
        image,
        profile,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert found is not None, "a new image was asked for"
    return found
