import ast
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from allennlp.common.checks import ConfigurationError

import attention_vat
from attention_vat.experiments.ray_cluster import require_ray, start_local_ray, stop_ray

MODULES = sorted(Path(attention_vat.__file__).parent.rglob("*.py"))


def test_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigurationError, match="pip install ray"):
        require_ray()


def test_optional_libraries_are_imported_where_they_are_used():
    """`--include-package attention_vat` imports every module, also where there is no Ray and no Optuna."""
    found = []
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [path for name in names if name.split(".")[0] in ("ray", "optuna")]
    assert found == []


@pytest.fixture
def ray(monkeypatch):
    """What fails as Ray does on a machine that is too busy: its processes have been started by then."""
    module, private = ModuleType("ray"), ModuleType("ray._private")
    private.ray_constants = ModuleType("ray._private.ray_constants")
    private.ray_constants.ENABLE_RAY_CLUSTER = True
    module.started, module.folders, module.answers = [], [], []

    def init(address, **options):
        folder = Path(options["_temp_dir"])
        assert address == "local" and not options["include_dashboard"]
        assert folder.parent.stat().st_mode & 0o777 == 0o700
        assert not private.ray_constants.ENABLE_RAY_CLUSTER
        folder.mkdir(mode=0o777)
        command = [sys.executable, "-S", "-c", "import time; time.sleep(600)", f"--session-dir={folder}/session"]
        process = subprocess.Popen(command)
        module.started.append(process)
        # Its name comes a moment after its start.
        while str(folder).encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
            time.sleep(0.01)
        module.folders.append(folder)
        answer = module.answers.pop(0)
        if answer is not None:
            raise answer

    module.init, module.shutdown = init, lambda: None
    monkeypatch.setitem(sys.modules, "ray", module)
    monkeypatch.setitem(sys.modules, "ray._private", private)
    yield module
    for process in module.started:
        process.kill()
        process.wait()


def assert_nothing_is_left(ray):
    for process in ray.started:
        assert process.wait(timeout=30) == -9
    assert not any(folder.parent.exists() for folder in ray.folders)


def test_a_start_that_times_out_is_tried_again_and_leaves_nothing(ray):
    ray.answers = [RuntimeError("The current node timed out during startup.\nMore of it"), None]
    start_local_ray(num_cpus=1)
    assert ray.started[0].wait(timeout=30) == -9
    assert not ray.folders[0].exists() and ray.folders[1].exists()
    assert ray.started[1].poll() is None
    stop_ray()
    assert_nothing_is_left(ray)


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ([RuntimeError("it timed out\nwith more lines")] * 3, "Ray does not start on this machine: it timed out$"),
        ([ValueError("no such option\n  at line 3")], "Ray does not start on this machine: no such option$"),
        ([Exception()], "Ray does not start on this machine: Exception$"),
    ],
)
def test_a_start_that_fails_is_a_sentence_and_leaves_nothing(ray, answers, problem):
    ray.answers = [*answers]
    with pytest.raises(ConfigurationError, match=problem):
        start_local_ray(num_cpus=1)
    assert len(ray.started) == len(answers)
    assert_nothing_is_left(ray)


def test_ctrl_c_while_it_starts_leaves_nothing(ray):
    ray.answers = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        start_local_ray(num_cpus=1)
    assert_nothing_is_left(ray)


def listening():
    """The addresses of the sockets on which this process and all others of Ray's listen, from /proc."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                found.append((fields[9], fields[1].partition(":")[0]))
    inodes = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            if b"ray" in command or process.name == str(os.getpid()):
                inodes.update({(link.resolve().name): command[:80] for link in (process / "fd").iterdir()})
        except OSError:
            continue
    return {inode: address for inode, address in found if f"socket:[{inode}]" in inodes}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_ray_listens_to_this_machine_alone():
    ray = pytest.importorskip("ray")
    before = set(listening())
    start_local_ray(num_cpus=1, object_store_memory=100 * 2**20)
    try:
        # A worker listens as well.
        assert ray.get(ray.remote(lambda: 1).remote(), timeout=120) == 1
        session = Path(ray._private.worker._global_node.get_session_dir_path())
        addresses = {inode: address for inode, address in listening().items() if inode not in before}
    finally:
        stop_ray()
    assert len(addresses) >= 4, "gcs_server, raylet, its agent, a worker"
    # 127.0.0.1, and the same within IPv6, in the order of bytes of this kind of processor.
    assert {*addresses.values()} <= {"0100007F", "0000000000000000FFFF00000100007F"}
    for _ in range(100):
        if not session.exists():
            break
        time.sleep(0.1)
    assert not session.exists()
