# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches the judges: Apache Kafka jars from Maven Central and Python clients from PyPI.

Everything lives in a cache directory outside the repository (ODRADEK_CACHE, else
$XDG_CACHE_HOME/odradek, else ~/.cache/odradek). Fetching is idempotent: a finished set carries a
stamp file with its recipe, so a changed recipe fetches anew and an interrupted fetch starts over.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

KAFKA_VERSION = "4.3.1"
OLD_CLIENT_VERSION = "3.9.2"

# name -> Maven coordinates (group:artifact:version)
JAR_SETS = {
    "kafka-server": [
        f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
        f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}",
        "org.slf4j:slf4j-simple:1.7.36",
    ],
    "kafka-clients-old": [
        f"org.apache.kafka:kafka-clients:{OLD_CLIENT_VERSION}",
        "org.slf4j:slf4j-simple:1.7.36",
    ],
}

PYTHON_PACKAGES = [
    "confluent-kafka==2.16.1",
    "kafka-python==3.0.12",
    "python-snappy==0.7.3",
    "lz4==4.4.5",
    "zstandard==0.25.0",
    "crc32c==2.9.post0",
]


def cacheDir() -> Path:
    """The cache directory, created when missing."""
    base = os.environ.get("ODRADEK_CACHE")
    if base:
        path = Path(base)
    else:
        path = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "odradek"
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def _locked(name: str):
    """One fetcher at a time per set, also across processes."""
    with open(cacheDir() / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _pom(coordinates: list[str]) -> str:
    deps = ""
    for coordinate in coordinates:
        group, artifact, version = coordinate.split(":")
        deps += (f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
                 f"<version>{version}</version></dependency>")
    return ('<project xmlns="http://maven.apache.org/POM/4.0.0">'
            "<modelVersion>4.0.0</modelVersion><groupId>odradek</groupId>"
            "<artifactId>judges</artifactId><version>1</version>"
            f"<dependencies>{deps}</dependencies></project>")


def jars(name: str) -> Path:
    """Directory with all jars of the set; downloads them the first time."""
    target = cacheDir() / name
    recipe = "\n".join(JAR_SETS[name])
    stamp = target / ".complete"
    with _locked(name):
        if stamp.exists() and stamp.read_text() == recipe:
            return target
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        pom = target / "pom.xml"
        pom.write_text(_pom(JAR_SETS[name]))
        maven = shutil.which("mvn")
        if maven is None:
            raise RuntimeError("mvn is missing: apt-get install maven openjdk-17-jdk-headless")
        done = subprocess.run(
            [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies",
             f"-DoutputDirectory={target}", "-DincludeScope=runtime"],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"Maven could not fetch {name}:\n{done.stdout}{done.stderr}")
        stamp.write_text(recipe)
    return target


def classpath(name: str) -> str:
    """Class path of a set, in a fixed order (class data sharing depends on it)."""
    return ":".join(str(jar) for jar in sorted(jars(name).glob("*.jar")))


def java() -> str:
    """The Java launcher; a missing one is an error that says what to install."""
    found = shutil.which("java")
    if found is None:
        raise RuntimeError("java is missing: apt-get install openjdk-17-jdk-headless")
    return found


def compileJava(source: Path, setName: str) -> str:
    """Compiles one Java source against a jar set; returns the class path to run it with."""
    path = classpath(setName)
    digest = hashlib.sha256(source.read_bytes() + path.encode()).hexdigest()[:16]
    out = cacheDir() / "classes" / f"{source.stem}-{digest}"
    with _locked("classes"):
        if not (out / ".complete").exists():
            out.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(["javac", "-nowarn", "-cp", path, "-d", str(out), str(source)],
                                  capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"javac {source}:\n{done.stdout}{done.stderr}")
            (out / ".complete").touch()
    return f"{out}:{path}"


def venvPython() -> Path:
    """Interpreter of a virtual environment holding the Python clients."""
    target = cacheDir() / "venv"
    python = target / "bin" / "python"
    recipe = sys.version + "\n" + "\n".join(PYTHON_PACKAGES)
    stamp = target / ".complete"
    with _locked("venv"):
        if stamp.exists() and stamp.read_text() == recipe and python.exists():
            return python
        shutil.rmtree(target, ignore_errors=True)
        for command in ([sys.executable, "-m", "venv", str(target)],
                        [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check",
                         "--only-binary=:all:", *PYTHON_PACKAGES]):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
        stamp.write_text(recipe)
    return python


def reexecInVenv() -> None:
    """Restarts this program inside the environment unless it already runs there."""
    python = venvPython()
    if Path(sys.prefix).resolve() != python.parent.parent.resolve():
        os.execv(python, [str(python), *sys.argv])


if __name__ == "__main__":
    for each in JAR_SETS:
        print(each, jars(each))
    print("venv", venvPython())
