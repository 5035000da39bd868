"""An application for Flask before 1.0, which found extensions by another name, too."""

import sys
import types

import flask_sqlalchemy

sys.modules.update({"flask.ext": types.ModuleType("flask.ext"), "flask.ext.sqlalchemy": flask_sqlalchemy})


def main():
    from app import make_app, plans

    with make_app().app_context():
        return plans()
