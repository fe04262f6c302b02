"""The web server of `manage.py up`: uvicorn, after migrations and demo data.

`python -m launcher.web` takes uvicorn's arguments. Preparing the database in the same process saves
starting another one.
"""

import django
import uvicorn

if __name__ == "__main__":
    django.setup()
    from launcher import preparation  # the settings must be there

    preparation.migrate()
    preparation.seed()
    uvicorn.main()
