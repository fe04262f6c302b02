"""The settings of every deployment, configured by the environment; see `.env.example`."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from core.logs import logging_config
from core.settings import environment, own_apps

BASE_DIR = Path(__file__).resolve().parent.parent
# Where .env and var/ are: in a checkout; for an installed package, in the current directory.
HOME_DIR = BASE_DIR if (BASE_DIR / "manage.py").exists() else Path.cwd()
env = environment.Environment()
env.read_env(HOME_DIR / ".env")

DEBUG = env.bool("DEBUG", default=True)
VAR_DIR = HOME_DIR / env.str("VAR_DIR", default="var")
RUN_DIR = VAR_DIR / "run"

# --- addresses -----------------------------------------------------------------------------------
PORT = env.integer("PORT", 8000, high=65_535)
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOOPBACK if DEBUG else [])
SECRET_KEY = env.str("SECRET_KEY", default="")
REDIS_URL = env.broker("REDIS_URL")
# The prefix of all keys and channels in Redis, without the colon.
REDIS_PREFIX = env.word("REDIS_PREFIX", default="svyaz")
environment.require_in_production(
    DEBUG, SECRET_KEY=SECRET_KEY, ALLOWED_HOSTS=ALLOWED_HOSTS, REDIS_URL=REDIS_URL
)
_HOME = f"http://127.0.0.1:{PORT}" if DEBUG else f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
SITE_URL = env.site("SITE_URL", _HOME)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[] if DEBUG else [SITE_URL])
# The bearer token for /metrics. Without it, only signed-in staff may read them.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
INTERNAL_IPS = ["127.0.0.1", "::1"]

# --- secrets -------------------------------------------------------------------------------------
if DEBUG and not SECRET_KEY:
    environment.make_directory("VAR_DIR", VAR_DIR)
    SECRET_KEY = environment.stored_secret(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

BROKER_IS_EMBEDDED = DEBUG and not REDIS_URL
if BROKER_IS_EMBEDDED:
    REDIS_URL = environment.embedded_broker_url(RUN_DIR)

# --- apps ----------------------------------------------------------------------------------------
SANDBOX = env.bool("SANDBOX", default=DEBUG)

# A company's own apps. They come before `bots`, so that they can override its templates.
SVYAZ_APPS_PATH = env.str("SVYAZ_APPS_PATH", default="")
if SVYAZ_APPS_PATH and SVYAZ_APPS_PATH not in sys.path:
    sys.path.append(SVYAZ_APPS_PATH)
SVYAZ_APPS = env.apps("SVYAZ_APPS")

INSTALLED_APPS = [
    # Before Django, to override runserver. Installing Daphne as an app would load Twisted in every
    # process, a third of the start-up time.
    *(["launcher"] if DEBUG else []),
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
    *SVYAZ_APPS,
    "bots",
    *(["sandbox"] if SANDBOX else []),
    "accounts",
    "accounts.audit",
    "accounts.roles",
    "accounts.privacy",
    "accounts.pachca",
    "accounts.directory",
    "accounts.scim",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "core.health.probes",
    "core.middleware.cache_control.private_by_default",
    "django.middleware.security.SecurityMiddleware",
    # In production static files are already compressed.
    *(["core.middleware.compression.CompressionMiddleware"] if DEBUG else []),
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.audit.context.request_context",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.LeadToSignIn",
    "accounts.middleware.require_second_factor",
    "accounts.middleware.note_sessions",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.admin_lookups.AdminLookups",
]
# Middleware for /api/, without what only HTML pages need.
API_MIDDLEWARE = [
    "core.middleware.cache_control.private_by_default",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.audit.context.request_context",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "twitter.pages.rendering.unread_count",
            ]
        },
    }
]

# --- data ----------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    environment.make_directory("VAR_DIR", VAR_DIR)
    # IMMEDIATE: a transaction that reads and then writes would fail if another one has written in
    # between. Taking the write lock at the start makes it wait instead.
    # FULL: acknowledged commits survive a power failure, not only a killed process.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    from core.postgres import outage

    DATABASES["default"]["ENGINE"] = "core.postgres"
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),  # from the URL, such as sslmode
        "connect_timeout": 3,
        # Detect a dead server within a minute instead of two hours.
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
        "pool": {
            "connection_class": outage.WatchedConnection,
            "min_size": 1,
            "max_size": env.integer("DATABASE_POOL", 20, high=1_000),
            "timeout": outage.CONNECT_TIMEOUT,
            # By default the pool retries after 1, 2, 4, … 128 s, so it notices late that a server
            # is back. Instead it gives up early and retries when a thread needs a connection.
            "reconnect_timeout": 1.0,
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "core.redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
    }
}

# --- jobs ----------------------------------------------------------------------------------------
CELERY_BROKER_URL = environment.celery_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{REDIS_PREFIX}:",
    "socket_connect_timeout": 2,
    # Longer than the worker's blocking read of 1 s, shorter than Pachca's time-out.
    "socket_timeout": 3,
    "max_retries": 0,  # for publishers: the sweep publishes the task again
}
CELERY_TASK_IGNORE_RESULT = True
# Otherwise each request thread would look up a backend, which takes 10 ms.
CELERY_RESULT_BACKEND_THREAD_SAFE = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.integer("WORKER_CONCURRENCY", 16, high=1_000)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# In memory: what is due follows from the rows, so there is no state to lose.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
# Seconds after which another worker takes over the job of a dead one.
JOBS_LEASE = env.number("JOBS_LEASE", 30.0, low=1)
TTS_SWEEP_EVERY = env.number("TTS_SWEEP_EVERY", 5.0, low=0.1)
BOTS_SWEEP_EVERY = env.number("BOTS_SWEEP_EVERY", 5.0, low=0.1)
TWITTER_SWEEP_EVERY = 60.0
PRIVACY_SWEEP_EVERY = 60.0
PACHCA_SWEEP_EVERY = 60.0
PACHCA_CHECK_EVERY = 600.0
CELERY_BEAT_SCHEDULE = {
    "twitter.sweep": {"task": "twitter.sweep", "schedule": TWITTER_SWEEP_EVERY},
    "bots.sweep": {"task": "bots.sweep", "schedule": BOTS_SWEEP_EVERY},
    "tts.sweep": {"task": "tts.sweep", "schedule": TTS_SWEEP_EVERY},
    "tts.tend": {"task": "tts.tend", "schedule": crontab(hour=4, minute=17)},
    "privacy.sweep": {"task": "privacy.sweep", "schedule": PRIVACY_SWEEP_EVERY},
    "pachca.sweep": {"task": "pachca.sweep", "schedule": PACHCA_SWEEP_EVERY},
    "pachca.check_grants": {"task": "pachca.check_grants", "schedule": PACHCA_CHECK_EVERY},
    "audit.purge": {"task": "audit.purge", "schedule": crontab(hour=4, minute=29)},
    "project.clear_sessions": {
        "task": "project.clear_sessions",
        "schedule": crontab(hour=4, minute=41),
    },
}

# --- real-time events ----------------------------------------------------------------------------
# The page of the sandbox authenticates its users by their own tokens.
REALTIME_ANONYMOUS = DEBUG or SANDBOX

# Maximum numbers of open connections (websockets and event streams) per server process, per user,
# and per address for anonymous clients.
REALTIME_MAX_CONNECTIONS = env.integer("REALTIME_MAX_CONNECTIONS", 10_000)
REALTIME_MAX_CONNECTIONS_PER_PERSON = env.integer("REALTIME_MAX_CONNECTIONS_PER_PERSON", 50)
REALTIME_MAX_CONNECTIONS_PER_ADDRESS = env.integer("REALTIME_MAX_CONNECTIONS_PER_ADDRESS", 1_000)

# Bytes of one request, files included.
MAX_BODY = env.integer("MAX_BODY", 64 * 1024 * 1024, high=environment.MAX_BYTES)

# --- users ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "twitter.User"
AUTHENTICATION_BACKENDS = [
    "accounts.limits.AttemptLimitBackend",  # first, so that no password is compared before it
    "twitter.permissions.AuthorBackend",
    "accounts.backends.PasswordBackend",
    # For sessions that began before the backend above existed; it authenticates no new ones.
    "django.contrib.auth.backends.ModelBackend",
]
# Days after which entries of the audit log are deleted.
AUDIT_KEEP_DAYS = env.integer("AUDIT_KEEP_DAYS", 365, high=environment.MAX_DAYS)
# Called with an API key and the client's address; returns the owner of the key or None. Raises
# rest_framework's Throttled after too many invalid keys from one address. Without an address, for a
# key that was accepted before, nothing is counted. The owner's `key_scopes`, if set, limit what the
# key may be used for (core.scopes).
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

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SESSION_REMEMBER = True
# Of passwords, accounts.limits counts the attempts; "login_failed" are codes of second factors.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/5m/key"}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # of those who register; a change is always confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_PRESERVE_USERNAME_CASING = True
# Hours for which the link in an invitation works.
INVITATION_HOURS = env.integer("INVITATION_HOURS", 72, high=environment.MAX_DAYS * 24)
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
# Whether staff must have a second factor before they reach the admin.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=False)
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.forms.PasskeyForm",
    "login_webauthn": "accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "accounts.forms.PasskeyFactorForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyConfirmForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_ALLOW_UNVERIFIED_EMAIL = True  # not everybody has an address
MFA_TOTP_ISSUER = "Svyaz"
MFA_TOTP_TOLERANCE = 1  # steps of 30 s

# Single sign-on. OIDC_GROUPS maps groups of the provider to Django groups; who is in one of
# OIDC_STAFF_GROUPS may use the admin, who is in one of OIDC_ADMIN_GROUPS is a superuser.
OIDC_ISSUER = env.site("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="SSO")
OIDC_SCOPES = env.list("OIDC_SCOPES", default=["openid", "profile", "email"])
OIDC_CREATE_ACCOUNTS = env.bool("OIDC_CREATE_ACCOUNTS", default=True)
OIDC_EMAIL_DOMAINS = env.list("OIDC_EMAIL_DOMAINS", default=[])
OIDC_LINK_BY_EMAIL = env.bool("OIDC_LINK_BY_EMAIL", default=True)
OIDC_TRUST_EMAIL = env.bool("OIDC_TRUST_EMAIL", default=False)
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", default="groups")
OIDC_GROUPS = dict(environment.pairs("OIDC_GROUPS", env.list("OIDC_GROUPS", default=[])))
OIDC_STAFF_GROUPS = env.list("OIDC_STAFF_GROUPS", default=[])
OIDC_ADMIN_GROUPS = env.list("OIDC_ADMIN_GROUPS", default=[])
# Sign-in with Pachca: the client from the OAuth settings of a bot of the company. Pachca lets only
# people of the bot's workspace agree. In development the sandbox stands in.
PACHCA_CLIENT_ID = env.str("PACHCA_CLIENT_ID", default="")
PACHCA_CLIENT_SECRET = env.str("PACHCA_CLIENT_SECRET", default="")
PACHCA_AUTHORIZE_URL = env.site("PACHCA_AUTHORIZE_URL", "https://app.pachca.com/apps/authorize")
PACHCA_SIGN_IN_SANDBOX = DEBUG and SANDBOX and not PACHCA_CLIENT_ID
if PACHCA_SIGN_IN_SANDBOX:
    PACHCA_CLIENT_ID = "svyaz"
    PACHCA_CLIENT_SECRET = environment.derive_secret(SECRET_KEY, "sandbox.oauth")
PACHCA_CREATE_ACCOUNTS = env.bool("PACHCA_CREATE_ACCOUNTS", default=True)
# Accounts of people of Pachca: the domains that their addresses must have (none: any), and whether
# their addresses count as confirmed, so that they link and are taken over.
PACHCA_EMAIL_DOMAINS = env.list("PACHCA_EMAIL_DOMAINS", default=[])
PACHCA_TRUST_EMAIL = env.bool("PACHCA_TRUST_EMAIL", default=False)
# Whether people may sign in by password and passkey; off, everybody uses single sign-on.
PASSWORD_SIGN_IN = env.bool("PASSWORD_SIGN_IN", default=True)
# Directory sync: off without DIRECTORY_BOT, the address (slug) of the bot whose token reads the
# list of people. DIRECTORY_GROUPS maps group tags of Pachca to Django groups.
DIRECTORY_BOT = env.str("DIRECTORY_BOT", default="")
DIRECTORY_CREATE_ACCOUNTS = env.bool("DIRECTORY_CREATE_ACCOUNTS", default=True)
DIRECTORY_GROUPS = dict(
    environment.pairs("DIRECTORY_GROUPS", env.list("DIRECTORY_GROUPS", default=[]))
)
DIRECTORY_HIDE_TWEETS = env.bool("DIRECTORY_HIDE_TWEETS", default=False)
DIRECTORY_MAX_BLOCKED_PERCENT = env.integer("DIRECTORY_MAX_BLOCKED_PERCENT", 10, low=0, high=100)
environment.check_single_sign_on(OIDC_ISSUER, PASSWORD_SIGN_IN, OIDC_CLIENT_ID, PACHCA_CLIENT_ID)
environment.check_pachca_client(PACHCA_CLIENT_ID, PACHCA_CLIENT_SECRET)
# SCIM: an identity provider manages accounts at /scim/v2. SCIM_GROUPS maps its groups to roles or
# groups here; only members of SCIM_STAFF_GROUPS become staff, of SCIM_ADMIN_GROUPS superusers.
SCIM_TOKEN = env.tokens("SCIM_TOKEN")
SCIM_LINK_BY_EMAIL = env.bool("SCIM_LINK_BY_EMAIL", default=False)
SCIM_GROUPS = dict(environment.pairs("SCIM_GROUPS", env.list("SCIM_GROUPS", default=[])))
SCIM_STAFF_GROUPS = env.list("SCIM_STAFF_GROUPS", default=[])
SCIM_ADMIN_GROUPS = env.list("SCIM_ADMIN_GROUPS", default=[])
SOCIALACCOUNT_ADAPTER = "accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"SCOPE": OIDC_SCOPES}}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # as the adapter decides
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# --- e-mail --------------------------------------------------------------------------------------
# With DEBUG, messages are printed; in production without EMAIL_URL, pages do not offer to send any.
EMAIL_IS_CONFIGURED = DEBUG or bool(env.str("EMAIL_URL", default=""))
vars().update(env.mail("EMAIL_URL", default="consolemail://" if DEBUG else "dummymail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"svyaz@{urlsplit(SITE_URL).hostname}")

# --- microblog -----------------------------------------------------------------------------------
TWEET_EDIT_MINUTES = env.integer("TWEET_EDIT_MINUTES", 15, low=0, high=environment.MAX_DAYS * 1440)
# Days for which staff can restore deleted or hidden tweets.
TWEETS_KEPT_DAYS = env.integer("TWEETS_KEPT_DAYS", 30, low=0, high=environment.MAX_DAYS)
# Hours after which an uploaded picture without a tweet is deleted.
UPLOADS_KEPT_HOURS = env.integer("UPLOADS_KEPT_HOURS", 24, high=environment.MAX_DAYS * 24)
# Maximum bytes and pixels of a picture. The frames of an animation are added up.
PICTURE_MAX_BYTES = env.integer("PICTURE_MAX_BYTES", 10 * 1024 * 1024, high=environment.MAX_BYTES)
PICTURE_MAX_PIXELS = env.integer("PICTURE_MAX_PIXELS", 50_000_000)
# Maximum number of tweets that GET /api/tweets returns without paging; rounded to hundreds.
API_FEED_MAX = env.integer("API_FEED_MAX", 2_000)
API_CALLS_PER_KEY = env.integer("API_CALLS_PER_KEY", 1200)
API_CALLS_PER_STRANGER = env.integer("API_CALLS_PER_STRANGER", 60, low=0)

# --- bots ----------------------------------------------------------------------------------------
PACHCA_API_URL = env.site("PACHCA_API_URL", "https://api.pachca.com/api/shared/v1")
SANDBOX_API_URL = f"{SITE_URL}/sandbox/api/shared/v1"
# Whether bots.handlers.examples is loaded.
BOTS_EXAMPLES = env.bool("BOTS_EXAMPLES", default=DEBUG)
# Seconds. The age is only checked on arrival; the unique key of an update prevents replays.
BOTS_WEBHOOK_MAX_AGE = env.integer("BOTS_WEBHOOK_MAX_AGE", 300, high=environment.MAX_SECONDS)
BOTS_WEBHOOK_MAX_BYTES = env.integer(
    "BOTS_WEBHOOK_MAX_BYTES", 1024 * 1024, high=environment.MAX_BYTES
)
# Hours for which a call is retried while Pachca is unreachable or asks to wait; two weeks at most,
# because a retry every minute must fit into the column that counts them.
BOTS_GIVE_UP_HOURS = env.number("BOTS_GIVE_UP_HOURS", 24.0, low=0, high=14 * 24)
# Maximum bytes of a file that a bot sends or downloads.
BOTS_MAX_FILE = env.integer("BOTS_MAX_FILE", 64 * 1024 * 1024, high=environment.MAX_BYTES)
# Hours for which missed events are fetched from the history.
BOTS_BACKFILL_HOURS = env.number("BOTS_BACKFILL_HOURS", 24.0, low=0, high=environment.MAX_DAYS * 24)
# Days after which finished updates and deliveries are deleted.
BOTS_KEEP_DAYS = env.integer("BOTS_KEEP_DAYS", 30, high=environment.MAX_DAYS)
# Maximum age in days and maximum number of rows of the journal of API calls.
BOTS_JOURNAL_DAYS = env.integer("BOTS_JOURNAL_DAYS", 7, low=0, high=environment.MAX_DAYS)
BOTS_JOURNAL_ROWS = env.integer("BOTS_JOURNAL_ROWS", 200_000, low=0)
BOTS_HANDLER_LIMIT = env.number("BOTS_HANDLER_LIMIT", 60.0, low=0.1)
# Seconds. Pachca waits 3 s for the response to a submitted form or a button that opens one.
BOTS_INLINE_LIMIT = env.number("BOTS_INLINE_LIMIT", 2.4, low=0.1, high=3)
# Maximum number of concurrent jobs of a worker, and of its threads for database queries.
BOTS_CONCURRENCY = env.integer("BOTS_CONCURRENCY", 500, high=100_000)
BOTS_THREADS = env.integer("BOTS_THREADS", 12, high=1_000)
# Seconds after which a function that blocks the event loop is reported; 0 disables the report.
BOTS_BLOCKED_AFTER = env.number("BOTS_BLOCKED_AFTER", 0.5, low=0)
# Seconds that running jobs have to end when a worker stops.
BOTS_DRAIN = env.number("BOTS_DRAIN", 5.0, low=0)
# Where the states of conversations are stored. BOTS_FSM_STRATEGY chooses the key of a state.
BOTS_FSM_STORAGE = {
    "OrmStorage": "bots.runtime.conversations.OrmStorage",
    "RedisStorage": "bots.framework.fsm.storage.RedisStorage",
}[env.choice("BOTS_FSM_STORAGE", ("OrmStorage", "RedisStorage"), "OrmStorage")]
# The backend of the test kit (bots.testing).
BOTS_TEST_BACKEND = "bots.runtime.testbed.durable_bot"
BOTS_FSM_STRATEGY = env.choice(
    "BOTS_FSM_STRATEGY", ("user", "user_in_chat", "user_in_thread", "chat", "thread"), "user"
)

# --- speech --------------------------------------------------------------------------------------
# The default engine; "" chooses the best one of this machine.
TTS_ENGINE = env.str("TTS_ENGINE", default="" if DEBUG else "gtts")
TTS_GOOGLE_URL = env.site("TTS_GOOGLE_URL", "https://translate.google.com")
# The directory of RHVoice; `python -m tts.native.fetch` downloads it there.
RHVOICE_DIR = BASE_DIR / env.str("RHVOICE_DIR", default=str(VAR_DIR / "rhvoice"))
# Of one speech.
TTS_MAX_CHARACTERS = env.integer("TTS_MAX_CHARACTERS", 5000)
TTS_MAX_SECONDS = env.number("TTS_MAX_SECONDS", 1800.0, low=1)
# Texts that one worker speaks at once, and speeches that one person may have under way.
TTS_CONCURRENCY = env.integer("TTS_CONCURRENCY", os.cpu_count() or 2, high=1_000)
TTS_MAX_OPEN = env.integer("TTS_MAX_OPEN", 200)
# Texts that one web process speaks to listeners at once.
TTS_STREAMS = env.integer("TTS_STREAMS", 16, high=1_000)
# Texts that one person may listen to at once, in one web process, while they are made.
TTS_STREAMS_EACH = env.integer("TTS_STREAMS_EACH", 8, high=1_000)
# Maximum age and size of stored audio; the least recently played is deleted first.
TTS_KEEP_DAYS = env.number("TTS_KEEP_DAYS", 90.0, low=1, high=environment.MAX_DAYS)
TTS_MAX_BYTES = env.integer("TTS_MAX_BYTES", 10 * 1024**3, high=environment.MAX_BYTES)
# Bytes of tracks that each web process holds in memory.
TTS_MEMORY = env.integer("TTS_MEMORY", 32 * 1024**2, low=0, high=environment.MAX_BYTES)

# --- language, time, files -----------------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
# The catalogues of our apps take precedence over those of other packages.
OWN_APPS = ("project", "launcher", "accounts", "bots", "sandbox", "twitter", "tts", "realtime")
LOCALE_PATHS = [BASE_DIR / app / "locale" for app in OWN_APPS]
FORMAT_MODULE_PATH = ["project.formats"]
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
    "endpoint_url": env.site("S3_ENDPOINT_URL", "") or None,
    "access_key": env.str("S3_ACCESS_KEY", default="") or None,
    "secret_key": env.str("S3_SECRET_KEY", default="") or None,
    "default_acl": "private",
    "file_overwrite": False,
}
STORAGES = {
    "default": {"BACKEND": "core.storage.s3.MediaStorage", "OPTIONS": S3_OPTIONS}
    if S3_BUCKET
    else {"BACKEND": "core.storage.filesystem.AtomicFileSystemStorage"},
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
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Browsers' preload lists are left only after months, so joining them is a decision of its own.
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # advises preload for everybody
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
    "SCRIPTS": ["project.admin.script"],
    "DASHBOARD_CALLBACK": "project.dashboard.dashboard",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": True,
        "navigation": "project.admin.menu",
    },
}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Svyaz",
    "DESCRIPTION": "REST API of the microblog. Send the API key in the header `api-key`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DEFAULT_GENERATOR_CLASS": "twitter.api.schema.TableGenerator",
    "COMPONENT_SPLIT_REQUEST": True,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
            "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        }
    },
}

# What the company's own apps add.
globals().update(own_apps.read_settings(SVYAZ_APPS, globals()))
