import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))

from core import create_app, db
from shop.views import register


def main():
    app = create_app()
    names = register(app, db)
    with app.app_context():
        return names()
