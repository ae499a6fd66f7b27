"""The two optional ways to shut the zygote in as a whole: gVisor's own kernel (`runsc`), or a container of podman.

Both hold nothing but the interpreter, read-only, and a /tmp of fixed size; there is no network. Within one, programs
and checks are apart as in the other tiers: two users without rights, with few system calls left.
"""

import glob
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lengthwise.sandbox import tiers

PROGRAMS = {"gvisor": "runsc", "podman": "podman"}
"""What each needs to be installed."""
_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID")
"""Of the zygote: it owns what programs leave, and ends them."""
_MOST = "1024:1024"
"""Files and processes, which programs' own limits go below; podman would raise a user's otherwise."""


class Container:
    """A folder with what one container is begun from; `remove` it afterwards."""

    def __init__(self, tier: str, source: str, tmp_bytes: int) -> None:
        """For `lengthwise.sandbox` below `source`; raises `FileNotFoundError` where the tier's program is not there."""
        program = shutil.which(PROGRAMS[tier])
        if program is None:
            raise FileNotFoundError(f"{PROGRAMS[tier]} is not installed")
        self.tier, self._program = tier, program
        self._bound = tuple(_bound(os.path.join(source, "lengthwise", "sandbox")))
        self._tmp_bytes = tmp_bytes
        self.folder = Path(tempfile.mkdtemp(prefix="lengthwise-"))
        (self.folder / "rootfs").mkdir()

    def command(self, words: Sequence[str]) -> list[str]:
        """What begins it with this command line, to which the descriptor is added that standard input is seen as."""
        begin = self._gvisor(words) if self.tier == "gvisor" else self._podman(words)
        # The shell outlives an evaluator that is killed: what the container left is removed in any case.
        return ["sh", "-c", 'trap : INT TERM HUP; exec 3<&0; "$@"; rm -rf "$0"', str(self.folder), *begin]

    def kill(self) -> None:
        """End it at once."""
        delete = [*self._options(), "delete", "--force"] if self.tier == "gvisor" else ["rm", "--force", "--time=0"]
        subprocess.run([self._program, *delete, self.folder.name], stdout=subprocess.DEVNULL, check=False)

    def remove(self) -> None:
        """Leave nothing of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _options(self) -> list[str]:
        rootless = [] if os.geteuid() == 0 else ["--rootless"]
        return ["--root", str(self.folder / "state"), "--network=none", *rootless]

    def _gvisor(self, words: Sequence[str]) -> list[str]:
        capabilities = [f"CAP_{name}" for name in _CAPABILITIES]
        tmpfs = {"type": "tmpfs", "source": "tmpfs"}
        config: dict[str, Any] = {
            "ociVersion": "1.0.0",
            "process": {
                "user": {"uid": 0, "gid": 0},
                "args": [*words, "0"],
                "env": ["PYTHONHASHSEED=0"],
                "cwd": "/",
                "capabilities": {kind: capabilities for kind in ("bounding", "effective", "permitted")},
            },
            "root": {"path": "rootfs", "readonly": True},
            "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                {"destination": tiers.TMP, **tmpfs, "options": [f"size={self._tmp_bytes}", "mode=755"]},
                *({"destination": to, "type": "bind", "source": of, "options": ["ro"]} for of, to in self._bound),
                *({"destination": path, **tmpfs, "options": ["ro"]} for path in ("/dev/shm", *_hidden(self._bound))),
            ],
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")]},
        }
        (self.folder / "config.json").write_text(json.dumps(config))
        return [self._program, *self._options(), "run", "--bundle", str(self.folder), self.folder.name]

    def _podman(self, words: Sequence[str]) -> list[str]:
        options = ["--rm", "--network=none", "--ipc=none", "--read-only", "--read-only-tmpfs=false", "--cap-drop=all"]
        options += [f"--cap-add={name}" for name in _CAPABILITIES]
        options += ["--no-hosts", "--preserve-fds=1", "--env=PYTHONHASHSEED=0", "--log-driver=none"]
        options += [f"--name={self.folder.name}", f"--ulimit=nofile={_MOST}", f"--ulimit=nproc={_MOST}"]
        options += [
            f"--tmpfs={tiers.TMP}:size={self._tmp_bytes},mode=755",
            "--tmpfs=/dev/mqueue:ro,size=4k,notmpcopyup",
        ]
        options += [f"--volume={of}:{to}:ro" for of, to in self._bound]
        options += [f"--tmpfs={path}:ro,size=4k,notmpcopyup" for path in _hidden(self._bound)]
        return [self._program, "run", *options, "--rootfs", str(self.folder / "rootfs"), *words, "3"]


def _bound(package: str) -> Iterator[tuple[str, str]]:
    """The files and folders that are seen, and where."""
    yield from ((path, path) for path in tiers.visible())
    yield from ((os.path.realpath(path), path) for path in tiers.LINKS)
    yield package, package
    yield os.path.realpath(tiers.INTERPRETER), tiers.INTERPRETER


def _hidden(bound: Sequence[tuple[str, str]]) -> list[str]:
    """The folders of installed packages below those that are seen."""
    return [path for _, to in bound for each in ("", "python*/") for path in glob.glob(f"{to}/{each}*-packages")]
