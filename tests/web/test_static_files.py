import re
from pathlib import Path

import pytest

from idp.web.static_files import STATIC_FOLDER, StaticFiles


def test_a_file_is_served_under_a_name_that_changes_with_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg/>")
    first = StaticFiles(tmp_path).href("a.svg")
    (tmp_path / "a.svg").write_text("<svg></svg>")
    second = StaticFiles(tmp_path).href("a.svg")
    assert first.startswith("/static/a-")
    assert first.endswith(".svg")
    assert first != second


def test_a_style_sheet_names_its_pictures_by_their_hashed_names(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text('body { background: url("z.svg") }')
    (tmp_path / "z.svg").write_text("<svg/>")
    files = StaticFiles(tmp_path)
    found = files.find(files.href("a.css"))
    assert found is not None
    assert files.href("z.svg").encode() in found.body


def test_a_file_may_be_kept_for_ever_and_is_never_sniffed() -> None:
    files = StaticFiles()
    found = files.find(files.href("pages.css"))
    assert found is not None
    headers = dict(found.headers)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert headers["content-length"] == str(len(found.body))
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/pages.css", "/static/../settings.py", "/static/", "", "/static/%00"])
def test_nothing_else_is_served(path: str) -> None:
    assert StaticFiles().find(path) is None


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(KeyError):
        StaticFiles(tmp_path).href("notes.txt")


def test_what_a_class_means_in_a_table_of_the_console_it_means_nowhere_else() -> None:
    """Both sheets are on a page of the console: a rule for all pages would reach into its tables."""
    pages, console = ((STATIC_FOLDER / name).read_text(encoding="utf-8") for name in ("pages.css", "console.css"))
    everywhere = set(re.findall(r"^\.([a-z-]+) \{", pages, flags=re.MULTILINE))
    in_tables = set(re.findall(r"\.(?:grid|bars) \.([a-z-]+)", console))
    assert {"number", "wide"} <= in_tables
    assert everywhere & in_tables == set()
