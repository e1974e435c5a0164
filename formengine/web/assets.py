"""Static files: read once, named by their content, sent compressed and kept for ever (ux.md 2.1, HDR-04)."""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Response, abort, request

from formengine.errors import ConfigError

FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".woff2": "font/woff2"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; *packed* is the same compressed, or empty where that gains nothing."""

    media_type: str
    content: bytes = field(repr=False)
    packed: bytes = field(repr=False)


class Assets:
    """All static files of a folder, by their address below `/static/`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files: dict[str, Asset] = {}
        self._addresses: dict[str, str] = {}
        manifest = folder / "vendor" / "manifest.json"
        try:
            built = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        except OSError as error:
            raise ConfigError("the static files are not built; run: .venv/bin/python deploy/assets/build.py") from error
        for name, hashed in built.items():
            self._add(Path(name).name, f"vendor/{hashed}", (folder / "vendor" / hashed).read_bytes())
        for path in sorted(folder.iterdir()):
            if path.is_file():
                content = path.read_bytes()
                self._add(path.name, f"{path.stem}.{_digest(content)}{path.suffix}", content)

    def _add(self, name: str, address: str, content: bytes) -> None:
        suffix = Path(name).suffix
        media_type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        packed = b"" if suffix in (".woff2", ".png") else gzip.compress(content, 9, mtime=0)
        self._files[address] = Asset(media_type, content, packed)
        self._addresses[name] = f"/static/{address}"

    def address(self, name: str) -> str:
        """The address of the file *name*, with a piece of its hash in it."""
        return self._addresses[name]

    def serve(self, path: str) -> Response:
        """The response with the file at *path*. Errors: 404."""
        asset = self._files.get(path)
        if asset is None:
            abort(404)
        packs = asset.packed and "gzip" in request.headers.get("Accept-Encoding", "")
        response = Response(asset.packed if packs else asset.content, content_type=asset.media_type)
        if packs:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    def install(self, app: Flask) -> None:
        """Serve the files from *app* and give its templates `asset(name)`."""
        app.jinja_env.globals["asset"] = self.address


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]
