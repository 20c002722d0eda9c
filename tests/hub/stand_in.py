"""A hub on this machine that speaks as much of huggingface.co's HTTP as huggingface_hub asks for.

It keeps small files as Git's blobs; large ones, which go to huggingface.co's own storage, are the library's to send.
"""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import yaml

TOKEN = "hf_secretOfTheTests"


@dataclass
class Repository:
    """What the hub keeps of one, and how it misbehaves.

    Attributes:
        files: contents by name.
        listed: other contents than those that are sent, for the listing alone.
        private: whether only the token opens it.
        large: names of files that are listed by their SHA-256, as large ones are.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    listed: dict[str, bytes] = field(default_factory=dict)
    private: bool = False
    large: set[str] = field(default_factory=set)


class StandIn(ThreadingHTTPServer):
    """The hub.

    Attributes:
        repositories: by name.
        requests: method and path of each, in order.
        status: what each request is answered with, or None for what it asks.
        talks_nonsense: whether the listing of a repository is none.
        commits_refused: whether commits are, which is when files would arrive.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.repositories: dict[str, Repository] = {}
        self.requests: list[tuple[str, str]] = []
        self.status = None
        self.talks_nonsense = False
        self.commits_refused = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self):
        self.shutdown()
        self.server_close()


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer(b"")

    def do_HEAD(self):
        self._answer(b"")

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body):
        hub, path = self.server, unquote(urlsplit(self.path).path)
        hub.requests.append((self.command, path))
        if hub.status is not None:
            return self._refuse(hub.status, "")
        knows = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if path == "/api/repos/create":
            return self._create(json.loads(body), knows)
        if path == "/api/validate-yaml":
            yaml.safe_load(json.loads(body)["content"].split("---")[1])
            return self._tell({"errors": [], "warnings": []})
        owner, name, *rest = path.removeprefix("/api/models").strip("/").split("/")
        repository = hub.repositories.get(f"{owner}/{name}")
        if repository is None or (repository.private and not knows):
            return self._refuse(401, "RepoNotFound")
        if self.command == "POST":
            return self._write(f"{owner}/{name}", repository, rest, body) if knows else self._refuse(401, "")
        if rest[:1] == ["resolve"]:
            return self._send(repository, "/".join(rest[2:]))
        return self._list(f"{owner}/{name}", repository)

    def _create(self, asked, knows):
        if not knows:
            return self._refuse(401, "")
        if asked["organization"] != "ada":
            return self._refuse(403, "")
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.server.repositories:
            return self._refuse(409, "")
        private = asked["visibility"] == "private"
        self.server.repositories[name] = Repository({".gitattributes": b"*.bin filter=lfs\n"}, private=private)
        return self._tell({"url": f"{self.server.url}/{name}"})

    def _write(self, name, repository, rest, body):
        if rest[0] == "preupload":
            names = [file["path"] for file in json.loads(body)["files"]]
            return self._tell({"files": [{"path": n, "uploadMode": "regular", "shouldIgnore": False} for n in names]})
        if self.server.commits_refused:
            return self._refuse(500, "")
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                repository.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
        commit = commit_of(repository)
        return self._tell({"commitUrl": f"{self.server.url}/{name}/commit/{commit}", "commitOid": commit})

    def _list(self, name, repository):
        if self.server.talks_nonsense:
            return self._tell({"siblings": [{"size": 3}]})
        files = repository.files | repository.listed
        siblings = [
            {"rfilename": path, "size": len(content), "blobId": blob_of(content)}
            | (
                {"lfs": {"size": len(content), "sha256": sha256_of(content), "pointerSize": 134}}
                if path in repository.large
                else {}
            )
            for path, content in files.items()
        ]
        self._tell({"id": name, "sha": commit_of(repository), "private": repository.private, "siblings": siblings})

    def _send(self, repository, path):
        content = repository.files.get(path)
        if content is None:
            return self._refuse(404, "EntryNotFound")
        headers = {"ETag": f'"{blob_of(content)}"', "X-Repo-Commit": commit_of(repository)}
        return self._tell(content, headers)

    def _tell(self, answer, headers=None):
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(200)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _refuse(self, status, code):
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", f"said by the server about {TOKEN}")
        self.send_header("Content-Length", "0")
        self.end_headers()


def blob_of(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha256_of(content):
    return hashlib.sha256(content).hexdigest()


def commit_of(repository):
    return hashlib.sha1(
        b"".join(sorted(blob_of(content).encode() for content in repository.files.values()))
    ).hexdigest()
