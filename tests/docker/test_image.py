import re
import subprocess
import sys
from pathlib import Path

from tests.docker.documents import DOCKER, ROOT

DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
BUILD, FINAL = DOCKERFILE.split("\nFROM ", 2)[1:]


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, "--failure-threshold", "style", DOCKER / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_base_images_are_pinned_to_one_version_and_the_same_one() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", bases[0])


def test_packages_are_pinned_by_hash_and_none_is_built() -> None:
    (install,) = re.findall(r"^RUN .*--requirement.*$", DOCKERFILE, flags=re.MULTILINE)
    assert "--no-deps --require-hashes" in install
    assert "--only-binary :all:" in install


def test_what_builds_stays_behind() -> None:
    assert "pip install" in BUILD
    assert "pip install" not in FINAL
    assert "apt-get" not in FINAL
    uninstalled = " ".join(re.findall(r"pip uninstall --yes (.*?)(?: \\)?$", BUILD, flags=re.MULTILINE)).split()
    assert {"hatchling", "editables", "pip", "setuptools"} <= set(uninstalled)


def test_it_runs_as_a_user_by_number_and_stops_on_term() -> None:
    assert re.search(r"^USER 10001:10001$", FINAL, flags=re.MULTILINE)
    assert re.search(r"^STOPSIGNAL SIGTERM$", FINAL, flags=re.MULTILINE)


def test_the_health_check_needs_nothing_but_python() -> None:
    (check,) = re.findall(r"HEALTHCHECK[^\n]*\\\n\s+CMD (\[.*\])$", FINAL, flags=re.MULTILINE)
    assert check.startswith('["python", "-c"')
    assert "/livez" in check


def test_no_setting_is_baked_in() -> None:
    """An environment variable of the image would go over the configuration file that a platform mounts."""
    assert "IDP_" not in DOCKERFILE


def test_everything_that_is_copied_in_gets_past_the_ignore_file() -> None:
    allowed = [
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    ]
    copied = [
        source
        for sources in re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
        for source in sources.split()
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists()
        assert any(source.rstrip("/") == entry.rstrip("/") for entry in allowed), source


def test_the_entry_point_keeps_a_private_copy_of_the_secret(tmp_path: Path) -> None:
    mounted, copy = tmp_path / "mounted", tmp_path / "secret"
    mounted.write_text("a secret", encoding="utf-8")
    mounted.chmod(0o444)
    (tmp_path / "idp").write_text('#!/bin/sh\necho "idp $*"\n', encoding="utf-8")
    (tmp_path / "idp").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SECRET_MOUNT": str(mounted), "IDP_SECRET_FILE": str(copy)}
    command = ["/bin/sh", str(DOCKER / "entrypoint.sh"), "serve", "--port", "8000"]
    for _ in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout == "idp serve --port 8000\n"
    assert copy.read_text(encoding="utf-8") == "a secret"
    assert copy.stat().st_mode & 0o777 == 0o600
