"""`crosscodec verify`: whether a coded file can be believed."""

import typer

from crosscodec.cli.inspecting import CodedFiles, Finding, examine_each
from crosscodec.cli.options import DecoderPackage, Json, Recursive
from crosscodec.codec.decoding import verify_bytes
from crosscodec.codec.package import load_package

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)


@app.command()
def verify(
    files: CodedFiles, package: DecoderPackage = None, recursive: Recursive = False, as_json: Json = False
) -> None:
    """Check that coded files are whole and decodable.

    Checks checksums, finds the package, decodes the symbols and compares their digest; only the picture itself is not
    made. With one file the exit code says what is wrong (65 damaged, 66 missing, 69 package not installed); with
    several, or a folder of them, it is 1.

    **Examples**

    `crosscodec verify photo.xcd`

    `crosscodec verify archive/*.xcd --json`

    `crosscodec verify archive/ -r`
    """
    loaded = load_package(package) if package else None

    def check(data: bytes) -> Finding:
        verified = verify_bytes(data, loaded)
        facts = {
            "package": verified.package_name,
            "images": verified.images,
            "symbols": verified.symbols,
            "quality": verified.quality,
            "payload_bytes": verified.payload_bytes,
            "model_bits": round(verified.model_bits, 2),
        }
        quality = "" if verified.quality is None else f" at quality {verified.quality}"
        what = f"{verified.symbols:,} symbols of package {verified.package_name}{quality} match their digest"
        return Finding((f"ok, {what}",), facts)

    examine_each(files, check, as_json, recursive)
