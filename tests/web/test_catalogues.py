from pathlib import Path

import pytest

from idp.web.catalogues import load_catalogues


def test_english_says_what_the_sources_say() -> None:
    assert load_catalogues()["en"].gettext("Continue") == "Continue"


def test_vietnamese_is_read_from_its_source_file() -> None:
    vietnamese = load_catalogues()["vi"]
    assert vietnamese.gettext("Continue") == "Tiếp tục"
    assert vietnamese.ngettext("%(count)s minute old", "%(count)s minutes old", 1) == "%(count)s phút"


def test_a_missing_catalogue_is_told_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_catalogues(tmp_path)
