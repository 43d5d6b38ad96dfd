"""What a worker needs before it takes anybody's call: better told at the start than call by call."""

import os

from models.errors import ModelMissing
from models.weights import HUB, whisper_weights
from service.settings import Settings, WrongSetting


def check_work(settings: Settings) -> None:
    """Go on only if the model and the watched folder are there; what comes from the hub is fetched later.

    Raises:
        WrongSetting: one isn't; one line names the setting and says what to do.
    """
    if not settings.model.startswith(HUB):
        try:
            whisper_weights(settings.model)
        except ModelMissing as error:
            raise WrongSetting(f"RIDEALONG_MODEL={settings.model}: {error}") from None
    watch = settings.watch
    if watch is not None and not watch.is_dir():
        raise WrongSetting(f"RIDEALONG_WATCH={watch}: there is no such folder; make it, or name another")
    if watch is not None and not os.access(watch, os.R_OK | os.W_OK | os.X_OK):
        raise WrongSetting(
            f"RIDEALONG_WATCH={watch}: this user can't read and write it; let it, or name another"
        )
