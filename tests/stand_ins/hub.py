"""A stand-in of the Hugging Face hub on this machine: all that ``huggingface_hub`` asks for a push and a pull."""

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "hf_" + "standinforatokenofnobody" * 2


@dataclass
class Repository:
    """The files of a repository by name, its commits, and whether others see it."""

    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[str] = field(default_factory=lambda: ["0" * 40])
    messages: list[str] = field(default_factory=list)


class StandIn:
    """The hub; ``repositories`` by OWNER/NAME, ``requests`` as method and path, ``refuse`` as status by path."""

    def __init__(self):
        self.repositories, self.large, self.requests, self.refuse = {}, {}, [], {}
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                hub.requests.append((self.command, self.path, self.headers.get("Authorization")))
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                refused = [status for pattern, status in hub.refuse.items() if re.search(pattern, self.path)]
                status, headers, content = (refused[0], {}, b"{}") if refused else hub.route(self, body)
                self.send_response(status)
                for name, value in ({"Content-Length": len(content)} | headers).items():
                    self.send_header(name, str(value))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, name, files, *, private=False):
        """Put a repository there, as if somebody had pushed it."""
        self.repositories[name] = Repository(private, dict(files), ["a" * 40])

    def route(self, request, body):
        path = request.path.partition("?")[0]
        for method, pattern, answer in (
            ("POST", r"/api/repos/create", self.create),
            ("POST", r"/api/validate-yaml", lambda _: json_of({"warnings": []})),
            ("POST", r"/api/models/([^/]+/[^/]+)/preupload/.+", self.preupload),
            ("POST", r"/([^/]+/[^/]+)\.git/info/lfs/objects/batch", self.batch),
            ("PUT", r"/large/([0-9a-f]{64})", self.store),
            ("POST", r"/api/models/([^/]+/[^/]+)/commit/main", self.commit),
            ("GET", r"/api/models/([^/]+/[^/]+)/tree/.+", self.tree),
            ("GET", r"/api/models/([^/]+/[^/]+?)(?:/revision/(.+))?", self.info),
            ("HEAD|GET", r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", self.file),
        ):
            match = re.fullmatch(pattern, path)
            if match and request.command in method.split("|"):
                name = match.groups()[0] if match.groups() else None
                if name and "large" not in pattern and name not in self.repositories:
                    return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"
                return answer(*match.groups(), body)
        return 404, {}, b"{}"

    def create(self, body):
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}"
        private = asked.get("visibility") == "private" or asked.get("private", False)
        self.repositories[name] = Repository(private)
        return json_of({"url": f"{self.url}/{name}"})

    def preupload(self, _, body):
        names = [file["path"] for file in json.loads(body)["files"]]
        modes = [{"path": name, "uploadMode": mode_of(name), "shouldIgnore": False} for name in names]
        return json_of({"files": modes})

    def batch(self, _, body):
        objects = json.loads(body)["objects"]
        actions = [each | {"actions": {"upload": {"href": f"{self.url}/large/{each['oid']}"}}} for each in objects]
        return json_of({"transfer": "basic", "objects": actions})

    def store(self, oid, body):
        self.large[oid] = body
        return json_of({}) if hashlib.sha256(body).hexdigest() == oid else (400, {}, b"{}")

    def commit(self, name, body):
        repository = self.repositories[name]
        for line in body.splitlines():
            kind, value = json.loads(line)["key"], json.loads(line)["value"]
            if kind == "header":
                repository.messages.append(value["summary"])
            elif kind == "file":
                repository.files[value["path"]] = base64.b64decode(value["content"])
            elif kind == "lfsFile":
                repository.files[value["path"]] = self.large[value["oid"]]
            elif kind == "deletedFile":
                del repository.files[value["path"]]
        repository.commits.append(hashlib.sha1(body).hexdigest())
        return json_of(
            {"commitUrl": f"{self.url}/{name}/commit/{repository.commits[-1]}", "commitOid": repository.commits[-1]}
        )

    def info(self, name, revision, _):
        repository = self.repositories[name]
        if revision not in (None, "main", *repository.commits):
            return 404, {"X-Error-Code": "RevisionNotFound"}, b"{}"
        siblings = [{"rfilename": file} for file in repository.files]
        return json_of(
            {"id": name, "sha": repository.commits[-1], "private": repository.private, "siblings": siblings, "tags": []}
        )

    def tree(self, name, _):
        files = self.repositories[name].files.items()
        return json_of(
            [
                {"type": "file", "path": file, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                for file, content in files
            ]
        )

    def file(self, name, file, _):
        repository = self.repositories[name]
        if file not in repository.files:
            return 404, {"X-Error-Code": "EntryNotFound"}, b"{}"
        content = repository.files[file]
        digest = hashlib.sha256(content).hexdigest()
        return 200, {"ETag": f'"{digest}"', "X-Repo-Commit": repository.commits[-1]}, content


def mode_of(name):
    return "lfs" if name.endswith((".safetensors", ".onnx", ".png")) else "regular"


def json_of(value):
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()
