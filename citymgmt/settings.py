"""Settings, from the environment only; a wrong or missing value stops the start.

`docs/configuration.md` lists every variable. `DEBUG` is off unless asked for.
"""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from citymgmt.basemaps import BaseMapError, read_base_maps
from citymgmt.buckets import read_bucket
from citymgmt.mailing import read_mail_server
from citymgmt.outbound import read_policy

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)

if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters")

INSTALLED_APPS = [
    "citymgmt.apps.CitymgmtConfig",
    "grids.apps.GridsConfig",
    "cases.apps.CasesConfig",
    "inspections.apps.InspectionsConfig",
    "citymgmt.apps.SettingsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_cotton",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Static files have the policy too: a picture that is opened by itself may hold script.
    "citymgmt.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "citymgmt.middleware.WatchedByAddressMiddleware",
    "citymgmt.middleware.RequestIdMiddleware",
    "citymgmt.observing.ObservingMiddleware",
    "citymgmt.middleware.PrivateAnswersMiddleware",
    "citymgmt.middleware.PlainAddressMiddleware",
    "citymgmt.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "citymgmt.middleware.PasswordChangeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "citymgmt.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "citymgmt.urls"
WSGI_APPLICATION = "citymgmt.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "citymgmt.templating.Templates",
        # By this name django-cotton finds the engine.
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "citymgmt.context.frame",
            ],
        },
    },
]

# --- Database: PostgreSQL only; constraints, SKIP LOCKED and exclusion are part of the design.
DATABASES = {"default": env.db("DATABASE_URL")}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must be a postgres:// address")
DATABASES["default"]["CONN_MAX_AGE"] = 0
# A page's statements take milliseconds: compiling one that looks dear costs seconds.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c jit=off"
# Spread over processes of the database a statement takes twice the processor to answer a little
# sooner: the web server asks for none (`citymgmt.wsgi`), what is counted in the background may.
DB_PARALLEL = env.int("DB_PARALLEL", default=-1)
if not -1 <= DB_PARALLEL <= 64:
    raise ImproperlyConfigured("DB_PARALLEL must be -1 (as the database says) to 64")
if DB_PARALLEL >= 0:
    DATABASES["default"]["OPTIONS"]["options"] += (
        f" -c max_parallel_workers_per_gather={DB_PARALLEL}"
    )
# Who waits for a lock on a table holds up all that come after him: a migration gives up instead.
DB_LOCK_SECONDS = env.int("DB_LOCK_SECONDS", default=0)
if DB_LOCK_SECONDS:
    DATABASES["default"]["OPTIONS"]["options"] += f" -c lock_timeout={DB_LOCK_SECONDS}s"
# A machine that lost its power says no goodbye: its connections are given up after 25 seconds.
DATABASES["default"]["OPTIONS"] |= {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# After a restart of the database nobody is given a connection that died with it.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if env.bool("DB_POOL", default=True):
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("DB_POOL_SIZE", default=8),
        # Where the database is away people are told so soon, and it is looked for again soon.
        "timeout": 5,
        "reconnect_timeout": 5,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis (or Valkey): broker and cache. Losing it costs minutes, never data.
REDIS_URL = env.str("REDIS_URL")
if not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://")
REDIS_TIMEOUT_SECONDS = env.float("REDIS_TIMEOUT_SECONDS", default=1)
if not 0 < REDIS_TIMEOUT_SECONDS <= 30:
    raise ImproperlyConfigured("REDIS_TIMEOUT_SECONDS must be more than 0 and at most 30")
REDIS_TIMEOUTS = {"socket_timeout": REDIS_TIMEOUT_SECONDS}
if not REDIS_URL.startswith("unix://"):
    REDIS_TIMEOUTS["socket_connect_timeout"] = REDIS_TIMEOUT_SECONDS
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "citymgmt",
        # One that hangs is as good as away: nobody waits long for it at the door.
        "OPTIONS": REDIS_TIMEOUTS,
    }
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A process that needed more for a task makes room for a new one after it: what a year's scores took
# at their most would else be kept for good.
WORKER_MEMORY_MB = env.int("WORKER_MEMORY_MB", default=250)
if not 200 <= WORKER_MEMORY_MB <= 16_384:
    # Below that each task would have a process of its own: one needs 150 to begin with.
    raise ImproperlyConfigured("WORKER_MEMORY_MB must be 200 to 16384")
CELERY_WORKER_MAX_MEMORY_PER_CHILD = WORKER_MEMORY_MB * 1024
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
# One of any number of beats ticks, see `citymgmt.beating`.
CELERY_BEAT_SCHEDULER = "citymgmt.beating.OnlyScheduler"
# What somebody waits for or a clock asks for; what takes its turn; what takes minutes. A worker
# without `-Q` works on all three, in this order.
CELERY_TASK_QUEUES = [Queue(name) for name in ("urgent", "normal", "bulk")]
CELERY_TASK_DEFAULT_QUEUE = "normal"
CELERY_BROKER_TRANSPORT_OPTIONS = {"queue_order_strategy": "priority"}
CELERY_TASK_ROUTES = {
    task: {"queue": queue}
    for queue, tasks in {
        "urgent": [
            "citymgmt.tasks.carry_channel",
            "citymgmt.tasks.sweep_channels",
            "cases.tasks.sweep_overdue_orders",
            "cases.tasks.sweep_stage_clocks",
            "cases.tasks.sweep_suspended",
            "inspections.tasks.sweep_overdue_lookbacks",
            "inspections.tasks.plan_lookbacks",
            "inspections.tasks.sweep_digests",
            # What is not rolled up is summed by each page that is looked at.
            "inspections.tasks.sweep_facts",
        ],
        "bulk": [
            "cases.tasks.run_ledger",
            "cases.tasks.sweep_ledgers",
            "cases.tasks.sweep_bulk_jobs",
            "cases.tasks.sweep_class_words",
            "cases.tasks.sweep_retention",
            "cases.tasks.work_on_bulk_job",
            "citymgmt.tasks.sweep_old_answers",
            "citymgmt.tasks.sweep_unclaimed_photos",
            "citymgmt.tasks.sweep_uploads",
            "grids.tasks.run_grid_import",
            "grids.tasks.sweep_grid_imports",
            "grids.tasks.sweep_places",
            "grids.tasks.sweep_tracks",
            "inspections.tasks.sweep_hot_spots",
            "inspections.tasks.sweep_scores",
        ],
    }.items()
    for task in tasks
}
# How long a worker or beat may be silent before `/readyz` says that it is away.
PULSE_SECONDS = env.int("PULSE_SECONDS", default=60)
if not 3 <= PULSE_SECONDS <= 3600:
    raise ImproperlyConfigured("PULSE_SECONDS must be 3 to 3600")
# Sweeps make up for lost kicks, so this bounds how late anything can be.
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=30)
CELERY_BEAT_SCHEDULE = {
    name: {
        "task": task,
        "schedule": float(seconds),
        # While all workers were away fresher ones came: those that waited long are let go.
        "options": {"expires": max(600, 2 * seconds)},
    }
    for name, task, seconds in [
        ("derive-photos", "citymgmt.tasks.sweep_derivations", SWEEP_SECONDS),
        ("purge-unclaimed-photos", "citymgmt.tasks.sweep_unclaimed_photos", 3600),
        ("purge-idle-uploads", "citymgmt.tasks.sweep_uploads", 3600),
        ("purge-old-answers", "citymgmt.tasks.sweep_old_answers", 3600),
        ("carry-notices", "citymgmt.tasks.sweep_channels", 10),
        ("move-places-with-cells", "grids.tasks.sweep_places", 600),
        ("recompute-deadlines", "cases.tasks.sweep_stale_deadlines", SWEEP_SECONDS),
        ("chase-orders", "cases.tasks.sweep_overdue_orders", SWEEP_SECONDS),
        ("chase-stages", "cases.tasks.sweep_stage_clocks", SWEEP_SECONDS),
        ("seal-evidence", "cases.tasks.sweep_seals", 600),
        ("erase-personal-data", "cases.tasks.sweep_retention", 600),
        ("resume-suspended", "cases.tasks.sweep_suspended", SWEEP_SECONDS),
        ("work-on-bulk-jobs", "cases.tasks.sweep_bulk_jobs", SWEEP_SECONDS),
        ("take-in-ledgers", "cases.tasks.sweep_ledgers", SWEEP_SECONDS),
        ("measure-patrols", "grids.tasks.sweep_patrols", SWEEP_SECONDS),
        ("keep-tracks", "grids.tasks.sweep_tracks", 3600),
        ("take-in-cells", "grids.tasks.sweep_grid_imports", SWEEP_SECONDS),
        ("learn-class-words", "cases.tasks.sweep_class_words", 600),
        ("recompute-lookbacks", "inspections.tasks.sweep_stale_lookbacks", SWEEP_SECONDS),
        ("plan-lookbacks", "inspections.tasks.sweep_lookback_plans", SWEEP_SECONDS),
        ("chase-lookbacks", "inspections.tasks.sweep_overdue_lookbacks", SWEEP_SECONDS),
        ("hand-over-lookbacks", "inspections.tasks.sweep_lookback_hand_overs", 300),
        ("find-hot-spots", "inspections.tasks.sweep_hot_spots", SWEEP_SECONDS),
        # What is not rolled up each dashboard sums anew: while it is little that costs little.
        ("roll-up-facts", "inspections.tasks.sweep_facts", 5),
        ("propose-accountability", "inspections.tasks.sweep_accountability", 300),
        ("compose-scores", "inspections.tasks.sweep_scores", 300),
        ("compose-digests", "inspections.tasks.sweep_digests", SWEEP_SECONDS),
        ("tell-views", "inspections.tasks.sweep_view_subscriptions", SWEEP_SECONDS),
    ]
}

# --- Accounts
AUTH_USER_MODEL = "citymgmt.User"
AUTHENTICATION_BACKENDS = ["citymgmt.authentication.ThrottledBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "citymgmt.passwords.WordsOfTheHouseValidator"},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
        for name, options in (
            (
                "UserAttributeSimilarityValidator",
                {"user_attributes": ("username", "name", "phone")},
            ),
            ("MinimumLengthValidator", {}),
            ("CommonPasswordValidator", {}),
            ("NumericPasswordValidator", {}),
        )
    ),
]
PASSWORD_HASHERS = env.list(
    "PASSWORD_HASHERS", default=["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "inspections:home"
LOGOUT_REDIRECT_URL = "login"
LOGIN_FAILURES = env.int("LOGIN_FAILURES", default=5)
LOGIN_LOCK_SECONDS = env.int("LOGIN_LOCK_SECONDS", default=300)
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# No other host of the domain can plant a cookie of such a name; browsers want HTTPS for it.
_OF_THIS_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_OF_THIS_HOST}citymgmt_session"
CSRF_COOKIE_NAME = f"{_OF_THIS_HOST}csrftoken"
MESSAGE_STORAGE = "citymgmt.flashes.HostStorage"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
# Asked inside the network, past the proxy.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Language and time: Chinese is the source language; UTC in the database.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
# A file holding an offset in seconds, shared by web, worker and beat: tests and demonstration only.
CLOCK_FILE = env.str("CLOCK_FILE", default="")

# --- Files
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "var" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "citymgmt.assets.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": env.str("STATIC_STORAGE", default="citymgmt.assets.ManifestStorage")
    },
}
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))
# Photos lie below MEDIA_ROOT, or in a bucket of an S3 store; see `citymgmt.photo_store`.
PHOTO_STORE = env.str("PHOTO_STORE", default="")
if PHOTO_STORE:
    try:
        _BUCKET = read_bucket(
            PHOTO_STORE,
            url=env.str("PHOTO_STORE_URL", default=""),
            key=env.str("PHOTO_STORE_KEY", default=""),
            secret=env.str("PHOTO_STORE_SECRET", default=""),
            region=env.str("PHOTO_STORE_REGION", default="us-east-1"),
            path_style=env.bool("PHOTO_STORE_PATH_STYLE", default=True),
            seconds=env.float("PHOTO_STORE_SECONDS", default=5),
            ca=env.str("PHOTO_STORE_CA", default=""),
        )
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from error
    STORAGES["photos"] = {"BACKEND": "citymgmt.bucket.Bucket", "OPTIONS": _BUCKET}
PHOTO_MAX_BYTES = env.int("PHOTO_MAX_BYTES", default=25 * 1024 * 1024)
PHOTO_URL_SECONDS = env.int("PHOTO_URL_SECONDS", default=900)
# How far a photo's metadata may be from what its sender claims before that is marked.
PHOTO_MARK_METRES = env.int("PHOTO_MARK_METRES", default=200)
PHOTO_MARK_MINUTES = env.int("PHOTO_MARK_MINUTES", default=120)
PHOTO_UNCLAIMED_DAYS = 7
# Of one person: what nobody uses must not fill the disk.
PHOTO_UNCLAIMED_MAX = 200
# How much a phone sends of a photo at once: what a bad line carries before it breaks.
PHONE_PART_BYTES = env.int("PHONE_PART_BYTES", default=256 * 1024)
if not 1024 <= PHONE_PART_BYTES <= 1024 * 1024:
    raise ImproperlyConfigured("PHONE_PART_BYTES must be 1024 to 1048576")
# How long a phone waits after the first failure; each further one doubles it.
PHONE_PAUSE_MS = env.int("PHONE_PAUSE_MS", default=2000)
if not 50 <= PHONE_PAUSE_MS <= 60_000:
    raise ImproperlyConfigured("PHONE_PAUSE_MS must be 50 to 60000")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

# --- The bureau
BUREAU_NAME = env.str("BUREAU_NAME", default="综合行政执法局")
# What the card of a cell tells the public: its chief's name whole, as 王师傅, or not at all.
PUBLIC_CHIEF_NAME = env.str("PUBLIC_CHIEF_NAME", default="surname")
if PUBLIC_CHIEF_NAME not in ("full", "surname", "none"):
    raise ImproperlyConfigured("PUBLIC_CHIEF_NAME must be full, surname or none")
PUBLIC_HOTLINE = env.str("PUBLIC_HOTLINE", default="12345")
# Where the codes of the cards lead from outside; empty: the address of who prints them.
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="").rstrip("/")
if PUBLIC_BASE_URL and not PUBLIC_BASE_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("PUBLIC_BASE_URL must start with http:// or https://")
DIGEST_CUTOFF_HOUR = env.int("DIGEST_CUTOFF_HOUR", default=18)
# What becomes of an order whose limit reaches a year without a notice: `provisional` or `refuse`.
UNKNOWN_YEAR = env.str("UNKNOWN_YEAR", default="provisional")
if UNKNOWN_YEAR not in ("provisional", "refuse"):
    raise ImproperlyConfigured("UNKNOWN_YEAR must be provisional or refuse")
# What an order is reckoned at on the board where its class has too few to tell.
ORDER_USUAL_MINUTES = env.int("ORDER_USUAL_MINUTES", default=40)
SEGMENT_REACH_METRES = env.int("SEGMENT_REACH_METRES", default=20)
# Who is named in more cells and segments than this has too many, says the health of the grid.
CELLS_PER_PERSON = env.int("CELLS_PER_PERSON", default=20)
if CELLS_PER_PERSON < 1:
    raise ImproperlyConfigured("CELLS_PER_PERSON must be at least 1")
# How long it is kept where somebody walked, in days.
TRACK_DAYS = env.int("TRACK_DAYS", default=180)
if not 7 <= TRACK_DAYS <= 1095:
    raise ImproperlyConfigured("TRACK_DAYS must be 7 to 1095")
# What counts of a track: a silence of more minutes is not walked, faster than this is a jump, a
# point less exact than this is no use, a street is reached from so far.
TRACK_GAP_MINUTES = env.int("TRACK_GAP_MINUTES", default=10)
TRACK_SPEED_KMH = env.int("TRACK_SPEED_KMH", default=60)
TRACK_ACCURACY_METRES = env.int("TRACK_ACCURACY_METRES", default=100)
TRACK_REACH_METRES = env.int("TRACK_REACH_METRES", default=25)
if min(TRACK_GAP_MINUTES, TRACK_SPEED_KMH, TRACK_ACCURACY_METRES, TRACK_REACH_METRES) < 1:
    raise ImproperlyConfigured("TRACK_…: each must be at least 1")
# How old a cached grid or calendar may be in a process after a change elsewhere.
REVISION_SECONDS = env.float("REVISION_SECONDS", default=3.0)
# For so long all open dashboards are told the same version, and each of its parts is made once; 0:
# for each of them anew.
FIGURES_SECONDS = env.int("FIGURES_SECONDS", default=1)
if not 0 <= FIGURES_SECONDS <= 60:
    raise ImproperlyConfigured("FIGURES_SECONDS must be 0 to 60")

# Base maps under our own cells; without any the maps need no internet.
try:
    BASE_MAPS = read_base_maps(env.str("BASE_MAPS", default=""))
except BaseMapError as error:
    raise ImproperlyConfigured(f"BASE_MAPS: {error}") from error

# --- Channels out of the house: group robots, mail, signed requests
# Secrets of channels are encrypted with the first key; the others still open older ones.
CHANNEL_KEYS = env.list("CHANNEL_KEYS", default=[SECRET_KEY])
if any(len(key) < 32 for key in CHANNEL_KEYS) or not CHANNEL_KEYS:
    raise ImproperlyConfigured("CHANNEL_KEYS: each must have at least 32 characters")
ROBOT_URLS = {
    "dingtalk": env.str("DINGTALK_URL", default="https://oapi.dingtalk.com"),
    "wecom": env.str("WECOM_URL", default="https://qyapi.weixin.qq.com"),
    "feishu": env.str("FEISHU_URL", default="https://open.feishu.cn"),
}
try:
    MAIL_SERVER = read_mail_server(env.str("MAIL_SERVER", default=""))
except ValueError as error:
    raise ImproperlyConfigured(f"MAIL_SERVER must be {error}") from error
MAIL_FROM = env.str("MAIL_FROM", default="citymgmt@localhost")
# Where signed requests may go ("*.example.cn": all below it), and which networks that are not
# public; everything else is refused whatever a name resolves to.
OUTBOUND_HOSTS = env.list("OUTBOUND_HOSTS", default=[])
OUTBOUND_SECONDS = env.float("OUTBOUND_SECONDS", default=10)
CHANNEL_RETRY_SECONDS = env.float("CHANNEL_RETRY_SECONDS", default=10)
try:
    OUTBOUND_POLICY = read_policy(
        hosts=OUTBOUND_HOSTS,
        addresses=[*ROBOT_URLS.values(), *([MAIL_SERVER.url] if MAIL_SERVER else [])],
        private=env.list("OUTBOUND_PRIVATE", default=[]),
        seconds=OUTBOUND_SECONDS,
        ca=env.str("OUTBOUND_CA", default=""),
    )
except ValueError as error:
    raise ImproperlyConfigured(f"OUTBOUND_… or the address of a robot: {error}") from error
if not 0 < OUTBOUND_SECONDS <= 60 or not 0 < CHANNEL_RETRY_SECONDS <= 600:
    raise ImproperlyConfigured("OUTBOUND_SECONDS: up to 60, CHANNEL_RETRY_SECONDS: up to 600")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "citymgmt.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "citymgmt.api.schema.HouseSchema",
    "EXCEPTION_HANDLER": "citymgmt.api.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "城市管理督查整改平台 API",
    "DESCRIPTION": "从上报到回头看和专报。改变状态的请求都带 Idempotency-Key。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "TAGS": [
        {"name": name}
        for name in (
            "照片",
            "报件",
            "案件",
            "整改单",
            "回头看",
            "督查专报",
            "案由与标准",
            "网格与单位",
        )
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "citymgmt.api.schema.without_docstrings",
        "citymgmt.api.schema.with_errors",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ReportState": "cases.choices.ReportState",
        "CaseState": "cases.choices.CaseState",
        "OrderState": "cases.choices.OrderState",
        "LookBackState": "cases.choices.LookBackState",
        "DigestState": "inspections.choices.DigestState",
        "DigestKind": "inspections.choices.DigestKind",
        "PhotoKind": "citymgmt.choices.PhotoKind",
        "CategoryKind": "cases.choices.CategoryKind",
        "TeamKind": "grids.choices.TeamKind",
    },
}

# --- Seeing inside
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN must have at least 20 characters, or be left out")
# Where several processes of a machine serve they leave their counts in files there; the library
# looks for the place when it is first imported.
METRICS_DIR = env.str("METRICS_DIR", default="")
if METRICS_DIR:
    Path(METRICS_DIR).mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = METRICS_DIR

LOG_FORMAT = env.str("LOG_FORMAT", default="line")
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured("LOG_FORMAT must be line or json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "citymgmt.logs.ContextFilter"}},
    "formatters": {
        "line": {
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        },
        "json": {"()": "citymgmt.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["context"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # One line a request only where a machine reads them.
    "loggers": {"citymgmt.access": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"}},
}
