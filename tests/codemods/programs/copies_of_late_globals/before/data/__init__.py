from data import config

config.init()

from data.config import db  # noqa: E402
