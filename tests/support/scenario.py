"""scenario: runs the built rehearse as a user would and looks at the record it wrote.

A scenario file defines functions named test_*; `scenario.main()` runs those named on the command line (all by default).
Every record is validated against docs/result.schema.json. REHEARSE names the binary.
"""
import atexit
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
REHEARSE = os.environ.get("REHEARSE", str(ROOT / "build/dev/bench/cli/rehearse"))


class Run:
    """A finished run: exit code, stdout, stderr, and the record if one was written."""

    def __init__(self, code, out, err, directory):
        self.code, self.out, self.err, self.directory = code, out, err, pathlib.Path(directory)
        result = self.directory / "result.json"
        self.record = json.loads(result.read_text()) if result.exists() else None
        if self.record is not None:
            validate(self.record)

    def strategy(self, name):
        return next(s for s in self.record["strategies"] if s["name"] == name)

    def threshold(self, strategy, metric):
        return next(t for t in self.record["thresholds"] if t["strategy"] == strategy and t["metric"] == metric)


def validate(record):
    schema = json.loads((ROOT / "docs/result.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(record)


def workspace():
    """A directory that goes with this process."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="rh-scenario."))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def write(directory, files):
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text))
    return directory


def start(args, directory, env=None):
    return subprocess.Popen([REHEARSE, *map(str, args)], cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env={**os.environ, **(env or {})})


def finish(process, out, timeout=240):
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        raise AssertionError(f"did not end within {timeout} s:\n{stderr}")
    return Run(process.returncode, stdout, stderr, out)


def run(args, directory, env=None, timeout=240):
    out = directory / f"out-{time.monotonic_ns()}"
    return finish(start([*args, "-o", out], directory, env), out, timeout)


def wait_for(process, word, timeout=60):
    """Reads the process's stderr until a line holds `word`; returns what was read."""
    deadline, text = time.monotonic() + timeout, ""
    while time.monotonic() < deadline:
        line = process.stderr.readline()
        if line == "":
            break
        text += line
        if word in line:
            return text
    raise AssertionError(f"never said {word!r}:\n{text}")


class HandStarted:
    """A server started by hand, as a user would: not a sandbox of ours, so it must be armed."""

    def arm(self, database="shop"):
        subprocess.run([REHEARSE, "arm", self.dsn(database), "--name", database], check=True, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()


class Server(HandStarted):
    """PostgreSQL."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="rh-server.", dir="/tmp"))
        binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        self.binaries = binaries[-1]
        self.prefix = []
        if os.getuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self.data = self.directory / "data"
        subprocess.run([*self.prefix, self.binaries / "initdb", "-D", self.data, "-A", "trust", "-U", "staging",
                        "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/tmp")
        self.process = None
        self.start()
        self.sql("CREATE DATABASE shop", "postgres")

    def start(self):
        self.process = subprocess.Popen(
            [*self.prefix, self.binaries / "postgres", "-D", self.data, "-k", self.directory, "-c", "listen_addresses="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp")
        for _ in range(100):
            if subprocess.run([self.binaries / "pg_isready", "-q", "-h", self.directory]).returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def crash(self):
        """kill -9 of the postmaster; its children notice and go."""
        os.kill(self.pid(), signal.SIGKILL)
        self.process.wait()
        time.sleep(1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def dsn(self, database="shop"):
        return f"host={self.directory} user=staging dbname={database}"

    def sql(self, text, database="shop"):
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.dsn(database), "-c",
                               text], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            os.kill(self.pid(), signal.SIGINT)
            self.process.wait(timeout=30)
        shutil.rmtree(self.directory, ignore_errors=True)


def mariadbd():
    """mariadbd as the sandbox finds it, or None."""
    return os.environ.get("REHEARSE_MYSQLD") or shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin")


def find_mariadbd():
    """The same, but ends the process as skipped when there is none."""
    found = mariadbd()
    if found is None:
        print("skipped: no mariadbd on this machine")
        sys.exit(77)
    return found


class MariaServer(HandStarted):
    """MariaDB, with performance_schema and, where scripts/setup put it, the plugin that the README asks for.

    Listens on its socket only, unless the options are others."""

    PLUGINS = pathlib.Path("/usr/local/lib/rehearse/mariadb")

    def __init__(self, *options):
        self.binary, self.options = find_mariadbd(), options or ("--skip-networking",)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="rh-server.", dir="/tmp"))
        self.prefix = []
        if os.getuid() == 0:
            shutil.chown(self.directory, "nobody")
            self.prefix = ["setpriv", "--reuid=nobody", "--clear-groups"]
        self.socket = self.directory / "s.sock"
        self.places = [f"--datadir={self.directory}/data", f"--tmpdir={self.directory}"]
        subprocess.run([*self.prefix, "mariadb-install-db", "--no-defaults", *self.places,
                        "--auth-root-authentication-method=normal", "--skip-test-db"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp")
        self.process = None
        self.start()
        self.sql("CREATE DATABASE shop; CREATE USER staging@localhost; GRANT ALL ON *.* TO staging@localhost "
                 "WITH GRANT OPTION", "mysql", "root")

    def start(self):
        plugin = []
        if (self.PLUGINS / "metadata_lock_info.so").exists():
            plugin = [f"--plugin-dir={self.PLUGINS}", "--plugin-load-add=metadata_lock_info"]
        self.process = subprocess.Popen(
            [*self.prefix, self.binary, "--no-defaults", *plugin, *self.places, f"--socket={self.socket}",
             f"--pid-file={self.directory}/pid", *self.options, "--character-set-server=utf8mb4",
             "--local-infile=1", "--performance-schema=ON", "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
             "--performance-schema-consumer-events-waits-current=ON",
             "--performance-schema-consumer-events-waits-history=ON"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp")
        for _ in range(100):
            if subprocess.run(self.client("mysql", "root") + ["-e", "DO 0"], capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def crash(self):
        self.process.kill()
        self.process.wait()

    def dsn(self, database="shop"):
        return f"mysql://staging@localhost/{database}?socket={self.socket}"

    def client(self, database="shop", user="staging"):
        return ["mariadb", "--no-defaults", f"--socket={self.socket}", f"--user={user}", "-N", "-B", database]

    def sql(self, text, database="shop", user="staging"):
        done = subprocess.run([*self.client(database, user), "-e", text], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        shutil.rmtree(self.directory, ignore_errors=True)


def near(value, wanted, tolerance, what):
    assert abs(value - wanted) <= tolerance, f"{what}: {value}, wanted {wanted} ± {tolerance}"


def main():
    module = sys.modules["__main__"]
    tests = {n: f for n, f in vars(module).items() if n.startswith("test_")}
    chosen = sys.argv[1:] or list(tests)
    failed = 0
    for name in chosen:
        began = time.monotonic()
        try:
            tests[name]()
            print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:  # every scenario is told, then the run fails
            import traceback
            traceback.print_exc()
            print(f"FAIL {name} ({time.monotonic() - began:.1f} s)", flush=True)
            failed += 1
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
