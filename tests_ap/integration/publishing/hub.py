"""Enough of a Hugging Face hub for the real client: repositories of datasets, large files, commits, history.

The calls and their fields are those that huggingface_hub 2.4.0 and datasets 5.2.0 make. A file that ends in .parquet is
a large one, kept by its SHA-256; the rest is kept in the commit.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

BRANCH = "main"


@dataclass
class Repository:
    """Revisions, oldest first; each maps paths to contents."""

    history: list[dict[str, bytes]] = field(default_factory=lambda: [{".gitattributes": b"*.parquet filter=lfs\n"}])
    made: int = 0

    @property
    def files(self) -> dict[str, bytes]:
        return self.history[-1]

    @property
    def head(self) -> str:
        return hashlib.sha1(f"{self.made} {sorted(self.files)}".encode()).hexdigest()

    def commit(self, files: dict[str, bytes]) -> None:
        self.history.append(files)
        self.made += 1


@dataclass
class Hub:
    """The hub's state, and what a test may make it do."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)
    """SHA-256 of each large file that came in, in order."""
    uploads_until_failure: int | None = None
    fails_to_squash: bool = False
    url: str = ""
    token: str = "a token"

    def app(self) -> FastAPI:
        app = FastAPI()
        app.middleware("http")(self._only_with_the_token)
        for method, path, handler in (
            ("GET", "/api/whoami-v2", self.who),
            ("POST", "/api/repos/create", self.create),
            ("POST", "/api/validate-yaml", self.validate),
            ("GET", "/api/datasets/{owner}/{name}", self.info),
            ("GET", "/api/datasets/{owner}/{name}/revision/{revision}", self.info),
            ("POST", "/api/datasets/{owner}/{name}/preupload/{revision}", self.preupload),
            ("POST", "/datasets/{owner}/{name}.git/info/lfs/objects/batch", self.batch),
            ("PUT", "/large/{digest}", self.put),
            ("POST", "/api/datasets/{owner}/{name}/commit/{revision}", self.commit),
            ("GET", "/api/datasets/{owner}/{name}/tree/{revision}", self.tree),
            ("GET", "/api/datasets/{owner}/{name}/tree/{revision}/{path:path}", self.tree),
            ("POST", "/api/datasets/{owner}/{name}/paths-info/{revision}", self.paths),
            ("GET", "/datasets/{owner}/{name}/resolve/{revision}/{path:path}", self.resolve),
            ("HEAD", "/datasets/{owner}/{name}/resolve/{revision}/{path:path}", self.resolve),
            ("POST", "/api/datasets/{owner}/{name}/super-squash/{revision}", self.squash),
            ("GET", "/api/datasets/{owner}/{name}/lfs-files", self.list_large),
            ("POST", "/api/datasets/{owner}/{name}/lfs-files/batch", self.delete_large),
        ):
            app.add_api_route(path, handler, methods=[method], response_model=None)
        return app

    async def _only_with_the_token(self, request: Request, call_next: Any) -> Response:
        if (
            not request.url.path.startswith("/large/")
            and request.headers.get("authorization") != f"Bearer {self.token}"
        ):
            return JSONResponse({"error": "Invalid credentials"}, 401)
        return await call_next(request)

    async def who(self) -> Any:
        return {"name": "tester", "type": "user", "orgs": [], "auth": {"accessToken": {"role": "write"}}}

    async def validate(self) -> Any:
        return {"errors": [], "warnings": []}

    async def create(self, request: Request) -> Any:
        body = await request.json()
        name = f"{body.get('organization', 'tester')}/{body['name']}"
        if name in self.repositories:
            return JSONResponse({"error": "You already created this dataset repo", "url": self._page(name)}, 409)
        self.repositories[name] = Repository()
        return {"url": self._page(name), "name": name, "id": "1"}

    async def info(self, owner: str, name: str) -> Any:
        repository = self.repositories.get(f"{owner}/{name}")
        if repository is None:
            return _missing("RepoNotFound")
        siblings = [{"rfilename": path} for path in repository.files]
        key = f"{owner}/{name}"
        return {"_id": "1", "id": key, "sha": repository.head, "private": False, "tags": [], "siblings": siblings}

    async def preupload(self, request: Request) -> Any:
        files = (await request.json())["files"]
        return {
            "files": [
                {"path": one["path"], "uploadMode": _mode(one["path"]), "shouldIgnore": False, "oid": None}
                for one in files
            ]
        }

    async def batch(self, request: Request) -> Any:
        objects = [self._object(one) for one in (await request.json())["objects"]]
        return JSONResponse({"transfer": "basic", "objects": objects}, media_type="application/vnd.git-lfs+json")

    async def put(self, digest: str, request: Request) -> Any:
        content = await request.body()
        if self.uploads_until_failure == 0:
            return Response(status_code=400)
        if self.uploads_until_failure is not None:
            self.uploads_until_failure -= 1
        assert hashlib.sha256(content).hexdigest() == digest
        self.large[digest] = content
        self.uploads.append(digest)
        return Response()

    async def commit(self, owner: str, name: str, request: Request) -> Any:
        repository = self.repositories[f"{owner}/{name}"]
        files = dict(repository.files)
        for line in (await request.body()).splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "header" and value.get("parentCommit", repository.head) != repository.head:
                return JSONResponse({"error": "A commit has happened since"}, 412)
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.large[value["oid"]]
            elif entry["key"] == "deletedFile":
                del files[value["path"]]
        repository.commit(files)
        url = f"{self._page(f'{owner}/{name}')}/commit/{repository.head}"
        return {"success": True, "commitOid": repository.head, "commitUrl": url, "hookOutput": ""}

    async def tree(self, owner: str, name: str, path: str = "", *, recursive: bool = False) -> Any:
        files, prefix = self.repositories[f"{owner}/{name}"].files, f"{path}/" if path else ""
        if path and not any(one.startswith(prefix) for one in files):
            return _missing("EntryNotFound")
        found: dict[str, Any] = {}
        for one, content in files.items():
            if one.startswith(prefix):
                folder, is_below, _ = one.removeprefix(prefix).partition("/")
                if is_below:
                    found[prefix + folder] = _folder(prefix + folder)
                if recursive or not is_below:
                    found[one] = _entry(one, content)
        return list(found.values())

    async def paths(self, owner: str, name: str, request: Request) -> Any:
        files = self.repositories[f"{owner}/{name}"].files
        wanted = (await request.json())["paths"]
        return [_entry(one, files[one]) for one in wanted if one in files] + [
            _folder(one) for one in wanted if any(path.startswith(f"{one}/") for path in files)
        ]

    async def resolve(self, owner: str, name: str, path: str, request: Request) -> Response:
        repository = self.repositories.get(f"{owner}/{name}")
        content = repository.files.get(path) if repository else None
        if repository is None or content is None:
            return _missing("EntryNotFound")
        headers = {
            "X-Repo-Commit": repository.head,
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "Accept-Ranges": "bytes",
        }
        wanted = request.headers.get("range", "").removeprefix("bytes=")
        if request.method == "HEAD":
            return Response(headers=headers | {"Content-Length": str(len(content))})
        if wanted:
            first, last = (int(part) for part in wanted.split("-"))
            headers["Content-Range"] = f"bytes {first}-{min(last, len(content) - 1)}/{len(content)}"
            return Response(content[first : last + 1], 206, headers=headers)
        return Response(content, headers=headers)

    async def squash(self, owner: str, name: str) -> Any:
        if self.fails_to_squash:
            return JSONResponse({"error": "Try again"}, 400)
        repository = self.repositories[f"{owner}/{name}"]
        repository.history = [repository.files]
        repository.made += 1
        return {}

    async def list_large(self, owner: str, name: str) -> Any:
        history = self.repositories[f"{owner}/{name}"].history
        found = {
            hashlib.sha256(content).hexdigest(): path
            for files in history
            for path, content in files.items()
            if _mode(path) == "lfs"
        }
        stale = {digest: found.get(digest, "gone") for digest in self.large}
        return [
            {
                "fileOid": digest,
                "filename": path,
                "oid": digest,
                "pushedAt": "2026-01-01T00:00:00.000Z",
                "ref": BRANCH,
                "size": len(self.large[digest]),
            }
            for digest, path in stale.items()
        ]

    async def delete_large(self, request: Request) -> Any:
        for digest in (await request.json())["deletions"]["sha"]:
            del self.large[digest]
        return {}

    def _object(self, one: dict[str, Any]) -> dict[str, Any]:
        if one["oid"] in self.large:
            return {"oid": one["oid"], "size": one["size"]}
        upload = {"upload": {"href": f"{self.url}/large/{one['oid']}"}}
        return {"oid": one["oid"], "size": one["size"], "actions": upload}

    def _page(self, name: str) -> str:
        return f"{self.url}/datasets/{name}"


def _mode(path: str) -> str:
    return "lfs" if path.endswith(".parquet") else "regular"


def _entry(path: str, content: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    entry = {"type": "file", "path": path, "size": len(content), "oid": blob}
    if _mode(path) == "lfs":
        entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
    return entry


def _folder(path: str) -> dict[str, Any]:
    return {"type": "directory", "path": path, "oid": "0" * 40}


def _missing(code: str) -> Response:
    return JSONResponse({"error": code}, 404, headers={"X-Error-Code": code})
