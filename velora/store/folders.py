"""Write folders so that a kill at any moment leaves the old or the new one whole; read them, refuse what is not ours.

A thing called `math` lives in `<workspace>/experts/math/0001/`, `0002/`, ...; the highest number is the current one.
A new version is written beside it under a temporary name and appears by one rename.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from velora.errors import CheckpointError

if TYPE_CHECKING:
    from velora.store.manifest import AssemblyManifest, ExpertManifest

MANIFEST = "manifest.json"

ManifestT = TypeVar("ManifestT", "ExpertManifest", "AssemblyManifest")

_VERSION = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class StoredFolder:
    """A folder on disk and the digests its manifest promises."""

    path: Path
    files: Mapping[str, str]

    def read(self, name: str) -> bytes:
        """Return a file's bytes after checking its digest.

        Raises:
            CheckpointError: The file is not in the manifest, is missing, or is not what was written.
        """
        if name not in self.files:
            raise CheckpointError(f"{self.path / name}: not listed in {MANIFEST}; the folder is incomplete")
        try:
            data = (self.path / name).read_bytes()
        except OSError as error:
            raise CheckpointError(f"{self.path / name}: cannot be read ({error.strerror})") from error
        if hashlib.sha256(data).hexdigest() != self.files[name]:
            raise CheckpointError(
                f"{self.path / name}: the content is not what was written (sha256 differs): truncated or altered. "
                "Restore it, or train or assemble again."
            )
        return data

    def read_all(self) -> dict[str, bytes]:
        """Return every file, checked, by relative path."""
        return {name: self.read(name) for name in self.files}


@dataclass(frozen=True, slots=True)
class MemoryFolder:
    """Files of a folder that is not written yet; `path` says where they came from, for messages."""

    path: Path
    contents: Mapping[str, bytes]

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        return self.contents[name]

    def read_all(self) -> dict[str, bytes]:
        """Return every file by relative path."""
        return dict(self.contents)


def with_digests(manifest: ManifestT, files: Mapping[str, bytes]) -> ManifestT:
    """Return the manifest with the sha256 of every file."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    return manifest.model_copy(update={"files": digests})


def manifest_bytes(manifest: ExpertManifest | AssemblyManifest) -> bytes:
    """Return the manifest as indented JSON."""
    return (manifest.model_dump_json(indent=2) + "\n").encode()


def write_folder(parent: Path, manifest: ManifestT, files: Mapping[str, bytes]) -> Path:
    """Write the next version below `parent`; of those before, only the last one stays.

    Raises:
        CheckpointError: The disk is full or the folder may not be written; what was there before is intact.
    """
    contents = {**files, MANIFEST: manifest_bytes(with_digests(manifest, files))}
    try:
        parent.mkdir(parents=True, exist_ok=True)
        versions = version_folders(parent)
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=parent, ignore_cleanup_errors=True) as temporary:
            written = Path(temporary) / "folder"
            for name, data in contents.items():
                _write_file(written / name, data)
            for folder in sorted({path.parent for path in written.rglob("*")}, reverse=True):
                _sync(folder)
            target = _rename_to_next(written, parent)
            _sync(parent)
    except OSError as error:
        raise CheckpointError(
            f"{parent}: cannot be written ({error.strerror or error}); choose another --home"
        ) from error
    # The version just before stays: whoever has it open may still read experts from it.
    _remove_all(versions[:-1])
    return target


def _rename_to_next(written: Path, parent: Path) -> Path:
    """Rename to the next free version; another writer may take a number first."""
    while True:
        versions = version_folders(parent)
        target = parent / f"{int(versions[-1].name) + 1 if versions else 1:04d}"
        try:
            return written.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise


def version_folders(parent: Path) -> list[Path]:
    """Return the versions below `parent`, oldest first; empty when there is none."""
    if not parent.is_dir():
        return []
    return sorted((p for p in parent.iterdir() if _VERSION.fullmatch(p.name)), key=lambda path: int(path.name))


def read_manifest(folder: Path, model: type[ManifestT]) -> ManifestT:
    """Read and check `manifest.json`.

    Raises:
        CheckpointError: It is missing, not JSON, of another kind or format, or names files outside the folder.
    """
    # Listing experts finds folders and reads no manifest through its model: it needs no pydantic.
    from pydantic import ValidationError

    from velora.store.manifest import FORMAT_VERSION

    path, record = folder / MANIFEST, _record(folder)
    if isinstance(record, dict) and record.get("format_version") != FORMAT_VERSION:
        raise CheckpointError(
            f"{path}: format {record.get('format_version')}; this VELORA reads format {FORMAT_VERSION}. "
            "Install the VELORA that wrote it, or train again."
        )
    try:
        manifest = model.model_validate(record)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise CheckpointError(f"{path}: not a manifest of ours ('{key}': {first['msg']})") from error
    for name in manifest.files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\0" in name:
            raise CheckpointError(f"{path}: file name {name!r} leaves the folder")
    return manifest


def holds_assembly(folder: Path) -> bool:
    """Return whether a folder's manifest says that it is an assembly; `read_manifest` checks all of it.

    Raises:
        CheckpointError: The manifest is missing or not JSON.
    """
    record = _record(folder)
    return isinstance(record, dict) and record.get("kind") == "assembly"


def _record(folder: Path) -> Any:
    path = folder / MANIFEST
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}); the folder is not whole") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: not valid JSON ({error}); it was truncated or altered") from error


def open_folder(folder: Path, model: type[ManifestT]) -> tuple[ManifestT, StoredFolder]:
    """Return the manifest and the digest-checked files of one version."""
    manifest = read_manifest(folder, model)
    return manifest, StoredFolder(folder, manifest.files)


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it replaces `path`, on an error it is removed.

    Raises:
        CheckpointError: The place cannot be written, or holds something other than a file.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise CheckpointError(f"{path}: is no regular file; name a file that may be written")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be written ({error.strerror or error})") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(path.stat().st_mode if path.exists() else 0o666 & ~_umask())
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write_file(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_all(folders: list[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
