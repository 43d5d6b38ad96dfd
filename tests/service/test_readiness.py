"""A worker that couldn't work says so at the start, in one line that names the setting."""

from pathlib import Path

import pytest

from service.readiness import check_work
from service.settings import WrongSetting, load_settings


def test_what_is_there_is_taken(tmp_path: Path) -> None:
    check_work(load_settings(watch=tmp_path, watch_owner="mara@example.com"))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="RIDEALONG_WATCH") as told:
        check_work(load_settings(watch=tmp_path / "nowhere", watch_owner="mara@example.com"))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("model", ["bass", "/nowhere/model"])
def test_a_model_that_is_not_there_is_told(model: str) -> None:
    with pytest.raises(WrongSetting, match=f"RIDEALONG_MODEL={model}") as told:
        check_work(load_settings(model=model))
    assert "\n" not in str(told.value)


def test_what_comes_from_the_hub_is_not_fetched_for_it() -> None:
    check_work(load_settings(model="hub:nobody/nothing"))
