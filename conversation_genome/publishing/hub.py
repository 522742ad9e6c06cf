"""The dataset on a Hugging Face hub: what differs is uploaded, then one commit makes it visible.

The only module that imports huggingface_hub. Files go up before the commit that names them, and the hub knows them
by their SHA-256: a push that was interrupted goes on where it was, and a reader sees the dataset before or after.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Final

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, DatasetCardData, HfApi, HfFileSystem
from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.tqdm import disable_progress_bars

from conversation_genome.errors import AuthenticationError, InputError, UnavailableError
from conversation_genome.publishing.manifest import MANIFEST, read_manifest, sha256_of
from conversation_genome.publishing.publication import Pushed
from conversation_genome.publishing.tables import ids_in

MARKER: Final = ".withdrawn"
"""Stands in the repository from the commit that drops a conversation until its history is given up, whatever happens in between."""
BATCH_FILES: Final = 16
"""Files that are uploaded between two signs of progress."""
OURS: Final = (".parquet", MANIFEST, "report.html")
"""What a push may delete: nothing that somebody else put beside the dataset."""
_REPO: Final = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_KIND: Final = "dataset"


def front_matter(**fields: Any) -> str:
    """Return the YAML at the head of a dataset card, as the hub reads it."""
    return DatasetCardData(**fields).to_yaml()


def push_folder(
    folder: Path,
    repo: str,
    *,
    is_private: bool = False,
    progress: Callable[[int, int], object] = lambda _done, _all: None,
) -> Pushed:
    """Make a dataset repository hold what a published folder holds, and return what had to be done.

    Files of an earlier publication that are gone are deleted. Where a conversation is gone, the repository's history and
    the files that only it knows are given up, too: else an earlier revision would still hand it out.

    Args:
        folder: As `write_dataset` wrote it.
        repo: `owner/name`; made where it is not there. The endpoint and the token are those of the hub's own
            variables, HF_ENDPOINT and HF_TOKEN.
        is_private: Whether a repository that is made is private.
        progress: Is told the files that are up and those that have to go up.

    Raises:
        InputError: If the folder is no published dataset or the repository's name is none.
        AuthenticationError: If the hub does not accept the token.
        UnavailableError: If the hub does not answer, or refuses.
    """
    if read_manifest(folder) is None:
        raise InputError(f"{folder} is no published dataset: it has no {MANIFEST}; publish into it first")
    if not _REPO.fullmatch(repo):
        raise InputError(f"--push {repo!r} names no repository; it is written owner/name")
    disable_progress_bars()  # one bar for the push is enough
    try:
        return _Push(HfApi(), folder, repo).run(is_private=is_private, progress=progress)
    except LocalTokenNotFoundError as exc:
        raise AuthenticationError("the hub wants a token; put one that may write in HF_TOKEN") from exc
    except HfHubHTTPError as exc:
        if exc.response is not None and exc.response.status_code in {401, 403}:
            raise AuthenticationError(f"the hub does not let this token write to {repo}: {exc}") from exc
        raise UnavailableError(f"the hub refused: {exc}; the same command goes on where it was") from exc
    except (httpx2.HTTPError, OSError, RuntimeError) as exc:  # RuntimeError: how the client tells of a failed upload
        raise UnavailableError(f"the hub does not answer ({exc}); the same command goes on where it was") from exc


class _Push:
    """One push."""

    def __init__(self, api: HfApi, folder: Path, repo: str) -> None:
        self._api = api
        self._folder = folder
        self._repo = repo
        self._local = {
            path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()
        }

    def run(self, *, is_private: bool, progress: Callable[[int, int], object]) -> Pushed:

        self._api.create_repo(self._repo, repo_type=_KIND, private=is_private, exist_ok=True)
        remote = self._remote()
        new = [path for path in self._local if path not in remote or not _is_same(self._local[path], remote[path])]
        gone = sorted(path for path in remote if path not in self._local and path.endswith(OURS))
        withdrawn = self._withdrawn({path for path in (*new, *gone) if path in remote})
        additions = [CommitOperationAdd(path, self._local[path]) for path in new]
        progress(0, len(additions))
        for start in range(0, len(additions), BATCH_FILES):
            batch = additions[start : start + BATCH_FILES]
            self._api.preupload_lfs_files(self._repo, batch, repo_type=_KIND, free_memory=False)
            progress(start + len(batch), len(additions))
        operations = [*additions, *map(CommitOperationDelete, gone)]
        if withdrawn:
            operations.append(CommitOperationAdd(MARKER, b"History is being given up.\n"))
        if operations:
            self._commit(operations, "Publish the dataset", parent=self._head)
        forgotten = self._forget() if withdrawn or MARKER in remote else 0
        return Pushed(
            repo=self._repo,
            uploaded=tuple(new),
            deleted=tuple(gone),
            unchanged=len(self._local) - len(new),
            withdrawn=len(withdrawn),
            forgotten=forgotten,
        )

    def _remote(self) -> dict[str, RepoFile]:

        self._head = self._api.repo_info(self._repo, repo_type=_KIND).sha
        tree = self._api.list_repo_tree(self._repo, recursive=True, repo_type=_KIND)
        return {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}

    def _withdrawn(self, touched: Iterable[str]) -> set[str]:
        """Return the ids of conversations that the hub has and the folder has not: only of files that change."""
        shards = [path for path in touched if PurePosixPath(path).match("conversations/*.parquet")]
        if not shards:
            return set()
        files = HfFileSystem(skip_instance_cache=True)
        there = {id_ for path in shards for id_ in _ids(files, f"datasets/{self._repo}/{path}")}
        here = (path for path in self._local.values() if path.parent.name == "conversations")
        return there.difference(*(ids_in(path) for path in here))

    def _forget(self) -> int:
        """Give up the history and every large file that the newest revision does not name; returns their number."""
        self._api.super_squash_history(self._repo, repo_type=_KIND)
        named = {entry.lfs.sha256 for entry in self._remote().values() if entry.lfs}
        stale = [file for file in self._api.list_lfs_files(self._repo, repo_type=_KIND) if file.file_oid not in named]
        if stale:
            self._api.permanently_delete_lfs_files(self._repo, stale, repo_type=_KIND)
        self._commit([CommitOperationDelete(MARKER)], "History is given up")
        return len(stale)

    def _commit(self, operations: list[Any], message: str, *, parent: str | None = None) -> None:
        self._api.create_commit(self._repo, operations, commit_message=message, repo_type=_KIND, parent_commit=parent)


def _ids(files: HfFileSystem, path: str) -> frozenset[str]:
    with files.open(path, "rb") as file:
        return ids_in(file)


def _is_same(path: Path, entry: RepoFile) -> bool:
    """Return whether a file is the one in the repository, by its SHA-256 or, where git keeps it itself, by git's hash."""
    if path.stat().st_size != entry.size:
        return False
    if entry.lfs:
        return sha256_of(path) == entry.lfs.sha256
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest() == entry.blob_id  # noqa: S324 (git's own)
