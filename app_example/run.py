"""Run a stage of the example: migrate, insert demo data, serve.

    STAGE=0_legacy python app_example/run.py

The database is `DATABASE_URL` if that is set, otherwise a PostgreSQL that lives as long as
this program. Without a broker (`CELERY_BROKER_URL`) tasks run within the request.
"""

import argparse
import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import postgres
from stages import MIGRATIONS, stage_folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stage", default=os.environ.get("STAGE", "0_legacy"))
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    arguments = parser.parse_args()
    folder = stage_folder(arguments.stage)
    # so that the database ends, too, when this program is told to
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    with ExitStack() as stack:
        environment = dict(os.environ)
        if not environment.get("DATABASE_URL"):
            print("Starting PostgreSQL (set DATABASE_URL to use a server of your own) ...", flush=True)
            admin = stack.enter_context(postgres.server())
            environment["DATABASE_URL"] = stack.enter_context(postgres.database(admin))
        if not environment.get("CELERY_BROKER_URL"):
            environment.update(CELERY_BROKER_URL="memory://", CELERY_TASK_ALWAYS_EAGER="true")

        def python(*command: str) -> None:
            subprocess.run([sys.executable, "-m", *command], cwd=folder, env=environment, check=True)

        try:
            python("alembic", "-c", str(MIGRATIONS), "upgrade", "head")
            python("app.seed")
            url = f"http://{arguments.host}:{arguments.port}/docs"
            print(f"{folder.name} is at {url} (header X-Tenant: demo), Ctrl-C ends it", flush=True)
            python("uvicorn", "app.main:app", "--host", arguments.host, "--port", str(arguments.port))
        except KeyboardInterrupt:
            return 0
        except subprocess.CalledProcessError as failed:
            print(f"{failed.cmd[2]} ended with status {failed.returncode}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
