"""The settings, one for every deployment: only the environment differs; see `.env.example`."""

import os
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from project import environment
from project.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.Environment()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=True)
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
RUN_DIR = VAR_DIR / "run"

# --- addresses -----------------------------------------------------------------------------------
PORT = env.int("PORT", default=8000)
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK if DEBUG else [])
SECRET_KEY = env.str("SECRET_KEY", default="")
REDIS_URL = env.broker("REDIS_URL")
environment.required_in_production(
    DEBUG, SECRET_KEY=SECRET_KEY, ALLOWED_HOSTS=ALLOWED_HOSTS, REDIS_URL=REDIS_URL
)
_HOME = f"http://127.0.0.1:{PORT}" if DEBUG else f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
SITE_URL = env.str("SITE_URL", default=_HOME).rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[] if DEBUG else [SITE_URL])
# What Prometheus shows to read /metrics; without one only people of the admin panel may.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
INTERNAL_IPS = ["127.0.0.1", "::1"]

# --- secrets -------------------------------------------------------------------------------------
if DEBUG and not SECRET_KEY:
    SECRET_KEY = environment.kept_secret(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

BROKER_IS_EMBEDDED = DEBUG and not REDIS_URL
if BROKER_IS_EMBEDDED:
    REDIS_URL = environment.embedded_broker_url(RUN_DIR)

# --- the house -----------------------------------------------------------------------------------
SANDBOX = env.bool("SANDBOX", default=DEBUG)

INSTALLED_APPS = [
    # Before django: its runserver is the one to use. It is Daphne's; as an app, Daphne would load
    # Twisted in every process, a third of each start.
    "project",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "realtime",
    "tts",
    "twitter",
    "bots",
    *(["sandbox"] if SANDBOX else []),
]

MIDDLEWARE = [
    "project.health.probes",
    "django.middleware.security.SecurityMiddleware",
    # Production serves its static files compressed already.
    *(["project.compression.CompressionOfWholes"] if DEBUG else []),
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# What calls under /api/ pass: they are answered in JSON, so they are spared what serves pages.
API_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "twitter.api.express.express",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "twitter.pages.showing.unread",
            ]
        },
    }
]

# --- data ----------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # IMMEDIATE: a transaction that reads first and writes later would fail at once when another
    # one wrote in between; taking the write lock at the start makes it wait its turn instead.
    # FULL: what was acknowledged survives a power cut too, not only a killed process.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["ENGINE"] = "project.postgres"
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=20)}
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "svyaz",
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py's default socket time-out would end every quiet subscription.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}

# --- jobs ----------------------------------------------------------------------------------------
CELERY_BROKER_URL = environment.celery_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "svyaz:",
    "socket_connect_timeout": 2,
    # Longer than the worker's second-long wait for tasks, shorter than Pachca's for an answer.
    "socket_timeout": 3,
    "max_retries": 0,  # of a publisher: the row is there, and the sweep will ring
}
CELERY_TASK_IGNORE_RESULT = True
# Requests run in threads of their own, and each would look for a backend anew, in 10 ms.
CELERY_RESULT_BACKEND_THREAD_SAFE = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=16)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# In memory: what is due follows from the rows, so nothing is lost and no file can be left broken.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
# Seconds after which work that a dead worker left is taken up by another.
JOBS_LEASE = env.float("JOBS_LEASE", default=30.0)
TTS_SWEEP_EVERY = env.float("TTS_SWEEP_EVERY", default=5.0)
BOTS_SWEEP_EVERY = env.float("BOTS_SWEEP_EVERY", default=5.0)
TWITTER_SWEEP_EVERY = 60.0
CELERY_BEAT_SCHEDULE = {
    "twitter.sweep": {
        "task": "twitter.sweep",
        "schedule": TWITTER_SWEEP_EVERY,
        "options": {"expires": TWITTER_SWEEP_EVERY},
    },
    "bots.sweep": {
        "task": "bots.sweep",
        "schedule": BOTS_SWEEP_EVERY,
        "options": {"expires": BOTS_SWEEP_EVERY},
    },
    "tts.sweep": {
        "task": "tts.sweep",
        "schedule": TTS_SWEEP_EVERY,
        "options": {"expires": TTS_SWEEP_EVERY},
    },
    "tts.tend": {"task": "tts.tend", "schedule": crontab(hour=4, minute=17)},
}

# --- the live line -------------------------------------------------------------------------------
# The sandbox's page knows its people by tokens of its own.
REALTIME_ANONYMOUS = DEBUG or SANDBOX

# Bytes of one request, files included.
MAX_BODY = env.int("MAX_BODY", default=64 * 1024 * 1024)

# --- people --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "twitter.User"
# Returns the holder of an api-key, or None: for the live line and for speech.
KEY_AUTHENTICATOR = "twitter.api.authentication.owner_of_key"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "feed"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- microblog -----------------------------------------------------------------------------------
TWEET_EDIT_MINUTES = env.int("TWEET_EDIT_MINUTES", default=15)
# Days in which staff can bring back what was deleted or hidden.
TWEETS_KEPT_DAYS = env.int("TWEETS_KEPT_DAYS", default=30)
# Hours in which a tweet must claim a picture that was uploaded.
UPLOADS_KEPT_HOURS = env.int("UPLOADS_KEPT_HOURS", default=24)
# Bytes and pixels of one picture; of an animation, the pixels of all its frames.
PICTURE_MAX_BYTES = env.int("PICTURE_MAX_BYTES", default=10 * 1024 * 1024)
PICTURE_MAX_PIXELS = env.int("PICTURE_MAX_PIXELS", default=50_000_000)
API_CALLS_PER_KEY = env.int("API_CALLS_PER_KEY", default=1200)
API_CALLS_PER_STRANGER = env.int("API_CALLS_PER_STRANGER", default=60)

# --- bots ----------------------------------------------------------------------------------------
PACHCA_API_URL = env.str("PACHCA_API_URL", default="https://api.pachca.com/api/shared/v1").rstrip(
    "/"
)
SANDBOX_API_URL = f"{SITE_URL}/sandbox/api/shared/v1"
# Seconds. The age limit is checked on arrival only; the unique key is what stops a replay.
BOTS_WEBHOOK_MAX_AGE = env.int("BOTS_WEBHOOK_MAX_AGE", default=300)
BOTS_WEBHOOK_MAX_BYTES = env.int("BOTS_WEBHOOK_MAX_BYTES", default=1024 * 1024)
# Bytes of one file that a bot sends or fetches.
BOTS_MAX_FILE = env.int("BOTS_MAX_FILE", default=64 * 1024 * 1024)
# The history of events is searched for what the webhook has missed no further back than this.
BOTS_BACKFILL_HOURS = env.float("BOTS_BACKFILL_HOURS", default=24.0)
# Updates and deliveries that have ended are kept for so many days.
BOTS_KEEP_DAYS = env.int("BOTS_KEEP_DAYS", default=30)
# The journal of calls keeps this many days, and no more than so many rows.
BOTS_JOURNAL_DAYS = env.int("BOTS_JOURNAL_DAYS", default=7)
BOTS_JOURNAL_ROWS = env.int("BOTS_JOURNAL_ROWS", default=200_000)
BOTS_HANDLER_LIMIT = env.float("BOTS_HANDLER_LIMIT", default=60.0)
# Pachca waits 3 s for a form that is submitted, and a button can open one no later.
BOTS_INLINE_LIMIT = env.float("BOTS_INLINE_LIMIT", default=2.4)
# Jobs that one worker has under way at once, and the threads that they share for the database.
BOTS_CONCURRENCY = env.int("BOTS_CONCURRENCY", default=500)
BOTS_THREADS = env.int("BOTS_THREADS", default=12)
# Seconds that a worker which is to end leaves its jobs.
BOTS_DRAIN = env.float("BOTS_DRAIN", default=5.0)
# Where conversations are kept (bots.fsm.storage), and whose they are (bots.fsm.FSMStrategy).
BOTS_FSM_STORAGE = "bots.fsm.storage." + env.choice(
    "BOTS_FSM_STORAGE", ("OrmStorage", "RedisStorage"), "OrmStorage"
)
BOTS_FSM_STRATEGY = env.choice(
    "BOTS_FSM_STRATEGY", ("user", "user_in_chat", "user_in_thread", "chat", "thread"), "user"
)

# --- speech --------------------------------------------------------------------------------------
# Who speaks when nobody else is asked for; "" is the best engine of this machine.
TTS_ENGINE = env.str("TTS_ENGINE", default="" if DEBUG else "gtts")
TTS_GOOGLE_URL = env.str("TTS_GOOGLE_URL", default="https://translate.google.com")
# Where RHVoice is, or is brought to by `python -m tts.native.fetch`.
RHVOICE_DIR = Path(env.str("RHVOICE_DIR", default=str(VAR_DIR / "rhvoice")))
# Of one speech.
TTS_MAX_CHARACTERS = env.int("TTS_MAX_CHARACTERS", default=5000)
TTS_MAX_SECONDS = env.float("TTS_MAX_SECONDS", default=1800.0)
# Texts that one worker speaks at once, and speeches that one person may have under way.
TTS_CONCURRENCY = env.int("TTS_CONCURRENCY", default=os.cpu_count() or 2)
TTS_MAX_OPEN = env.int("TTS_MAX_OPEN", default=200)
# Texts that one web process speaks to listeners at once.
TTS_STREAMS = env.int("TTS_STREAMS", default=16)
# Texts that one person may listen to at once, in one web process, while they are made.
TTS_STREAMS_EACH = env.int("TTS_STREAMS_EACH", default=8)
# How long and how much audio is kept; what was least recently played goes first.
TTS_KEEP_DAYS = env.float("TTS_KEEP_DAYS", default=90.0)
TTS_MAX_BYTES = env.int("TTS_MAX_BYTES", default=10 * 1024**3)
# Bytes of tracks that each web process holds in memory.
TTS_MEMORY = env.int("TTS_MEMORY", default=32 * 1024**2)

# --- people's language, time, files --------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
# Each app brings its own catalogue. Named here, they come before those of the packages.
OWN_APPS = ("project", "bots", "sandbox", "twitter", "tts", "realtime")
LOCALE_PATHS = [BASE_DIR / "locale", *(BASE_DIR / app / "locale" for app in OWN_APPS)]
TIME_ZONE = env.time_zone("TIME_ZONE", default="Europe/Moscow")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
WHITENOISE_USE_FINDERS = DEBUG
S3_BUCKET = env.str("S3_BUCKET", default="")
S3_OPTIONS = {
    "bucket_name": S3_BUCKET,
    "region_name": env.str("S3_REGION", default="us-east-1"),
    "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
    "access_key": env.str("S3_ACCESS_KEY", default="") or None,
    "secret_key": env.str("S3_SECRET_KEY", default="") or None,
    "default_acl": "private",
    "file_overwrite": False,
}
STORAGES = {
    "default": {"BACKEND": "project.bucket.Bucket", "OPTIONS": S3_OPTIONS}
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- security ------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
HTTPS = env.bool("HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# The container's own health check and Prometheus speak plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$", r"^sandbox/api/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    # The admin's own scripts evaluate expressions; it is for signed-in staff alone.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

LOGGING = logging_config(
    as_json=env.choice("LOG_FORMAT", ("text", "json"), "text" if DEBUG else "json") == "json",
    level=env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
)

UNFOLD = {
    "SITE_TITLE": "Связь",
    "SITE_HEADER": "Связь",
    "SITE_SYMBOL": "hub",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "project.admin.icon"},
    ],
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "COLORS": {"primary": "project.admin.teal"},
    "STYLES": ["project.admin.stylesheet"],
    "DASHBOARD_CALLBACK": "bots.admin.dashboard.dashboard",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": True,
        "navigation": "project.admin.menu",
    },
}
REST_FRAMEWORK: dict[str, Any] = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "twitter.api.schema.ContractSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Svyaz",
    "DESCRIPTION": "The corporate microblog. Calls show an `api-key`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "PREPROCESSING_HOOKS": ["twitter.api.schema.described_once"],
    "COMPONENT_SPLIT_REQUEST": True,
}
