"""Stands for the package that hands out a Flask-SQLAlchemy object: it is made when this file runs."""

import sys
from types import ModuleType

from flask_sqlalchemy import SQLAlchemy

made = ModuleType("invenio_db")
made.db = SQLAlchemy()
sys.modules["invenio_db"] = made
