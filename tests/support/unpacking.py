"""A bundle, unpacked as Terraform does."""

import zipfile
from pathlib import Path


def unpacked(bundles: Path, folder: Path) -> Path:
    """Unpack the one bundle of a folder of bundles; return the folder that it is in."""
    (packed,) = bundles.rglob("*.zip")
    with zipfile.ZipFile(packed) as archive:
        for each in archive.infolist():
            Path(archive.extract(each, folder)).chmod(each.external_attr >> 16 & 0o777)
    return folder
