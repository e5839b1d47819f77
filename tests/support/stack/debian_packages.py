"""Programs of another release of Debian, unpacked into a folder and installed nowhere: that takes
neither root nor a container. They run by the loader and with the libraries of their own release."""

import contextlib
import fcntl
import os
import shutil
import subprocess

from server import StackError, need_program, say

LOADER = "usr/lib64/ld-linux-x86-64.so.2"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


def libraries(files):
    return os.path.join(files, "usr/lib/x86_64-linux-gnu")


def fetch_packages(names, release, folder):
    """These packages, and all that they depend on, below folder/files. Whole or not at all, and
    once for all stacks: a folder whose list is as wanted is complete."""
    if os.uname().machine != "x86_64":
        raise StackError(f"{' '.join(names)} of Debian {release} is fetched for amd64 only")
    wanted = f"{release}: {' '.join(names)}\n"
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            with open(os.path.join(folder, "list"), encoding="ascii") as file:
                if file.read() == wanted:
                    return
        say(f"fetching {' '.join(names)} of Debian {release}")
        incoming = folder + ".new"
        for stale in (incoming, folder):
            shutil.rmtree(stale, ignore_errors=True)
        apt = _Apt(os.path.join(incoming, "apt"), release)
        apt.run("update")
        apt.run("install", "--download-only", *names)
        unpack = need_program("dpkg-deb", "dpkg")
        for package in apt.downloaded():
            _run([unpack, "-x", package, os.path.join(incoming, "files")])
        shutil.rmtree(os.path.join(incoming, "apt"))
        with open(os.path.join(incoming, "list"), "w", encoding="ascii") as file:
            file.write(wanted)
        os.rename(incoming, folder)


class _Apt:
    """apt-get with a world of its own, in which nothing is installed."""

    def __init__(self, folder, release):
        self._program = need_program("apt-get", "apt")
        self._folder = folder
        for name in ("lists/partial", "cache/archives/partial", "state", "none"):
            os.makedirs(os.path.join(folder, name))
        self._write("state/status", "")
        self._write("sources.list", f"deb [signed-by={KEYS}] {self._mirror()} {release} main\n")

    def _write(self, name, text):
        with open(os.path.join(self._folder, name), "w", encoding="ascii") as file:
            file.write(text)

    def _mirror(self):
        """The one that this machine uses."""
        known = subprocess.run(
            [self._program, "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            check=False).stdout.decode().split()
        return next((uri for uri in known if uri.endswith("/debian/")),
                    "http://deb.debian.org/debian/")

    def run(self, *arguments):
        folder = self._folder
        options = {
            "Dir::State": f"{folder}/state", "Dir::State::Lists": f"{folder}/lists",
            "Dir::State::Status": f"{folder}/state/status", "Dir::Cache": f"{folder}/cache",
            "Dir::Etc::SourceList": f"{folder}/sources.list",
            "Dir::Etc::SourceParts": f"{folder}/none", "Dir::Etc::Preferences": f"{folder}/none",
            "Dir::Etc::PreferencesParts": f"{folder}/none",
            "APT::Architecture": "amd64", "APT::Architectures": "amd64",
            "APT::Install-Recommends": "false", "APT::Sandbox::User": "root",
            "Acquire::Languages": "none", "Acquire::Retries": "3",
            # A mirror that stands still will do: nothing is kept up to date from it.
            "Acquire::Check-Valid-Until": "false",
        }
        _run([self._program, "-q", "-y", *(f"-o{name}={value}" for name, value in options.items()),
              *arguments])

    def downloaded(self):
        folder = os.path.join(self._folder, "cache", "archives")
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))
                if name.endswith(".deb")]


def _run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise StackError(f"{' '.join(command[:1] + command[-2:])} failed:\n" +
                         done.stdout.decode(errors="replace")[-2000:])
