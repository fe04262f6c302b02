# syntax=docker/dockerfile:1
# One image for everything: web (the default command), worker, beat and the migration.
# docker-compose.yml shows the commands.

FROM python:3.12.12-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt .
# Every package has wheels, so no compiler is needed, and each is checked against its hash.
RUN /opt/venv/bin/pip install --only-binary=:all: --require-hashes -r requirements.txt

# Its libraries and voices, in a folder of their own: GPL and LGPL, apart from the project's licence.
FROM packages AS voice
WORKDIR /srv/svyaz
COPY tts/__init__.py tts/
COPY tts/native/__init__.py tts/native/fetch.py tts/native/
RUN /opt/venv/bin/python -m tts.native.fetch /opt/rhvoice

FROM packages AS static
WORKDIR /srv/svyaz
COPY . .
# Settings need values to load; these are read by this one command and kept nowhere.
RUN DEBUG=0 SANDBOX=1 SECRET_KEY=unused ALLOWED_HOSTS=unused REDIS_URL=redis://unused \
    VAR_DIR=/srv/var PYTHONDONTWRITEBYTECODE=1 \
    /opt/venv/bin/python manage.py collectstatic --noinput

FROM python:3.12.12-slim-bookworm
LABEL org.opencontainers.image.title="Svyaz" \
      org.opencontainers.image.description="Bots, real-time events, a microblog and text-to-speech next to a Pachca messenger" \
      org.opencontainers.image.licenses="MIT"
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=project.settings \
    DEBUG=0 \
    VAR_DIR=/srv/var \
    RHVOICE_DIR=/opt/rhvoice \
    UVICORN_HOST=0.0.0.0 \
    UVICORN_PORT=8000 \
    UVICORN_LIFESPAN=off \
    UVICORN_WS=realtime.direct:DirectProtocol \
    UVICORN_WS_PER_MESSAGE_DEFLATE=false \
    UVICORN_WS_MAX_SIZE=1048576 \
    UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN=5
RUN useradd --uid 10001 --user-group --home-dir /srv/var --no-create-home svyaz \
    && install -d -o svyaz -g svyaz /srv/var /srv/var/media
WORKDIR /srv/svyaz
COPY --from=packages /opt/venv /opt/venv
COPY --from=voice /opt/rhvoice /opt/rhvoice
COPY --from=static /srv/var/static /srv/var/static
COPY . .
USER svyaz
VOLUME /srv/var/media
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
# The number of processes comes from WEB_CONCURRENCY; the other options from UVICORN_* above.
CMD ["uvicorn", "project.asgi:application", "--no-access-log"]
