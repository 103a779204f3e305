"""One settings file, read from the environment. No settings per environment.

Embedded (the default) needs nothing: SQLite, a broker in a folder, mail kept in the database.
Institution: DATABASE_URL, REDIS_URL, EMAIL_URL, SECRET_KEY, ALLOWED_HOSTS, SITE_URL. docs/operations.md lists every
variable.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    """The variable's text, without surrounding space; `default` where unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on (any case)."""
    return env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    """Comma-separated parts, trimmed, empties dropped."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


VAR_DIR = Path(env("PEERHUB_VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- who we are -------------------------------------------------------------------------------------------------------
DEBUG = env_flag("DEBUG")
PEERHUB_DEMO = env_flag("PEERHUB_DEMO")
PEERHUB_DEMO_PUBLIC = env_flag("PEERHUB_DEMO_PUBLIC")
PEERHUB_SERVER_TIMING = env_flag("PEERHUB_SERVER_TIMING")
PEERHUB_ALLOW_SQLITE = env_flag("PEERHUB_ALLOW_SQLITE")
INSECURE_SECRET_KEY = "insecure-development-key-never-used-in-production"  # noqa: S105 - named so, and refused by a check
SECRET_KEY = env("SECRET_KEY", INSECURE_SECRET_KEY)
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
SITE_URL = env("SITE_URL", "http://localhost:8000").rstrip("/")
SITE_SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if (DEBUG or PEERHUB_DEMO) else "")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", SITE_URL if SITE_SECURE else "")

# --- what it is made of -----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "peerhub.common",
    "peerhub.institution",
    "peerhub.accounts",
    "programmes",
    "training",
    "recognition",
    "safeguarding",
    "evaluation",
    "peerhub.demo",
    "peerhub.common.admin_site.PeerHubAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rules",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "template_partials",
    "csp",
]

# The five stages of the framework, asked in this order (Advance HE, 2025). Loaded like password validators.
PEERHUB_STAGES = [
    "programmes.stage.CoDesign",
    "training.stage.Training",
    "recognition.stage.Recognition",
    "safeguarding.stage.Safeguarding",
    "evaluation.stage.Evaluation",
]

MIDDLEWARE = [
    "peerhub.common.middleware.RequestIdMiddleware",
    "peerhub.common.middleware.ServerTimingMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # with Django's random padding, so that sizes tell nothing (BREACH)
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "peerhub.common.middleware.PrivacyHeadersMiddleware",
    "peerhub.common.middleware.UploadLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "peerhub.common.middleware.NoZeroBytesMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "peerhub.accounts.middleware.PersonMiddleware",
    "peerhub.accounts.middleware.SecondFactorMiddleware",
    "peerhub.common.middleware.ButtonAddressMiddleware",
    "peerhub.common.middleware.BusyMiddleware",
]
ROOT_URLCONF = "peerhub.urls"
WSGI_APPLICATION = "peerhub.wsgi.application"
ASGI_APPLICATION = "peerhub.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

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
                "peerhub.common.context.page",
            ],
            "libraries": {"i18n": "peerhub.common.templatetags.quick_i18n"},
            "builtins": ["peerhub.common.templatetags.ui", "template_partials.templatetags.partials"],
        },
    },
]
SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # our `i18n` stands in the place of Django's on purpose (docs/adr/0013)
# Who answers what stands in the frame of every page: functions f(request) -> dict (peerhub/common/context.py).
PEERHUB_PAGE_CONTEXT = [
    "programmes.context.navigation",  # first: it reads places and grants in one query
    "peerhub.institution.views.frame.page_context",
    "peerhub.accounts.views.frame.page_context",
    "peerhub.common.mail.notifications.page_context",
    "training.context.page_context",
    "peerhub.demo.context.page",
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# --- database ---------------------------------------------------------------------------------------------------------
DATABASE_URL = env("DATABASE_URL", f"sqlite:///{VAR_DIR / 'peerhub.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A deferred transaction that turns into a write fails at once when another writer is in; IMMEDIATE waits its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {})
    if env("PEERHUB_ROLE", "web") == "web":
        # A page that takes longer is broken; a worker's import may take longer.
        DATABASES["default"]["OPTIONS"]["options"] = (
            "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
        )

# --- cache: shared by every process, because rate limits and lockouts live in it -------------------------------------
REDIS_URL = env("REDIS_URL")
if REDIS_URL:
    CACHES: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "peerhub.common.cache.SteadyRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "peerhub",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "common_cache"}}

# --- Celery: the doorbell --------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False  # a dead Redis must not hold a request: the sweep finds the row
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 900,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    }
else:
    BROKER_DIR = VAR_DIR / "broker"
    for _part in ("queue", "processed", "control"):
        (BROKER_DIR / _part).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.2,
    }
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
PEERHUB_APPLICATIONS_KEPT_DAYS = int(env("PEERHUB_APPLICATIONS_KEPT_DAYS", "183"))  # after a round of recruitment
PEERHUB_RIGHT_TO_WORK_KEPT_DAYS = int(env("PEERHUB_RIGHT_TO_WORK_KEPT_DAYS", "2192"))  # 6 years after somebody led
# Equality monitoring (ADR 0015): off without a key of its own. The demo's is public, and refused anywhere else.
DEMO_KEK_EQUALITY = "demo:ZGVtby1vbmx5LWVxdWFsaXR5LW1vbml0b3JpbmcxMjM="
PEERHUB_KEK_EQUALITY = env("PEERHUB_KEK_EQUALITY", DEMO_KEK_EQUALITY if PEERHUB_DEMO else "")
PEERHUB_EQUALITY_QUESTIONS = env("PEERHUB_EQUALITY_QUESTIONS", "uk")
PEERHUB_EQUALITY_KEPT_DAYS = int(env("PEERHUB_EQUALITY_KEPT_DAYS", "1096"))  # totals, after they were counted
PEERHUB_EQUALITY_ANSWERS_KEPT_DAYS = int(env("PEERHUB_EQUALITY_ANSWERS_KEPT_DAYS", "183"))  # where nobody finishes
PEERHUB_MAIL_SWEEP = float(env("PEERHUB_MAIL_SWEEP", "15"))  # seconds between two looks for what was lost or is due
CELERY_BEAT_SCHEDULE = {
    "outbox-sweep": {
        "task": "peerhub.common.tasks.sweep_outbox",
        "schedule": PEERHUB_MAIL_SWEEP,
        "options": {"expires": PEERHUB_MAIL_SWEEP},
    },
    "planner": {"task": "peerhub.common.tasks.plan_reminders", "schedule": 60, "options": {"expires": 60}},
    "places-sweep": {"task": "programmes.tasks.sweep_places", "schedule": 60, "options": {"expires": 60}},
    "imports-sweep": {"task": "programmes.tasks.sweep_imports", "schedule": 30, "options": {"expires": 30}},
    "unit-figures": {
        "task": "programmes.tasks.count_unit_figures",
        "schedule": 600,
        "options": {"expires": 600},
    },
    "check-in-marks": {
        "task": "programmes.tasks.forget_check_in_marks",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "left-rosters": {
        "task": "programmes.tasks.forget_left_rosters",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "recruitment-sweep": {
        "task": "training.tasks.sweep_recruitment",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "completion-files": {
        "task": "training.tasks.forget_completion_files",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "training-sweep": {
        "task": "training.tasks.sweep_training",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "retention": {"task": "peerhub.common.tasks.forget_old_rows", "schedule": 3600, "options": {"expires": 3600}},
}

# --- mail ------------------------------------------------------------------------------------------------------------
EMAIL_URL = env("EMAIL_URL", "database://")
_mail = urlsplit(EMAIL_URL)
if _mail.scheme in {"smtp", "smtps", "smtp+tls"}:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[_mail.scheme]
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
else:
    EMAIL_BACKEND = "peerhub.common.mail.backends.DatabaseBackend"
EMAIL_TIMEOUT = int(dict(parse_qsl(_mail.query)).get("timeout", "10"))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "PeerHub <no-reply@peerhub.invalid>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ADMINS = [("PeerHub", address) for address in env_list("ADMIN_EMAILS")]
PEERHUB_MAIL_PER_SECOND = float(env("PEERHUB_MAIL_PER_SECOND", "0"))  # 0 = as fast as the server takes them
PEERHUB_MAIL_BATCH = int(env("PEERHUB_MAIL_BATCH", "100"))
PEERHUB_MAIL_LEASE = int(env("PEERHUB_MAIL_LEASE", "300"))  # seconds a worker may hold a batch before it is taken back
PEERHUB_MAIL_CONTEXT = [
    "peerhub.institution.queries.branding.mail_context"
]  # functions () -> dict: what every mail's frame shows beside its own words

# --- people and sign-in ----------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "peerhub.accounts.backends.EmailBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "given_name", "family_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# "aberwen.ac.uk" is exactly that domain, ".aberwen.ac.uk" also every one below it; "=staff" says who its people are.
PEERHUB_SIGNUP_DOMAINS = env_list(
    "PEERHUB_SIGNUP_DOMAINS", "aberwen.ac.uk=staff,student.aberwen.ac.uk=student" if PEERHUB_DEMO else ""
)
# Other permissions to have an account: functions (email, now) -> bool.
PEERHUB_SIGNUP_HOOKS = ["programmes.queries.invitations.has_open_invitation"]
# What a card reader at a check-in desk types, as a regular expression whose one group is the card's number, and the
# source that knows people by it; the sources of numbers people type themselves, none named: any (docs/check-in.md).
PEERHUB_CARD_PATTERN = env("PEERHUB_CARD_PATTERN")
PEERHUB_CARD_SOURCE = env("PEERHUB_CARD_SOURCE", "card")
PEERHUB_NUMBER_SOURCES = env_list("PEERHUB_NUMBER_SOURCES")
# By which published rule numbers of people are said: hesa, ofs, ofqual, us, us5 (peerhub/common/disclosure/).
PEERHUB_DISCLOSURE_PROFILE = env("PEERHUB_DISCLOSURE_PROFILE", "hesa")
# Institution roles whose holders need a second step when they sign in ("superuser" for those who open the admin).
PEERHUB_MFA_ROLES = env_list(
    "PEERHUB_MFA_ROLES",
    "" if PEERHUB_DEMO else "safeguarding_lead,deputy_safeguarding_lead,payroll,equality_analyst,superuser",
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "programmes:catalogue"
ACCOUNT_ADAPTER = "peerhub.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_SECURE else "http"
ACCOUNT_CHANGE_EMAIL = True  # one person, one address: a new one takes the old one's place once it is confirmed
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "reset_password": "20/m/ip,3/10m/key"}
# Asking to join writes to every coordinator: enough for a welcome fair, too little for a prank.
ACCOUNT_RATE_LIMITS["join"] = "12/5m/user,40/d/user"
ACCOUNT_FORMS = {
    "login": "peerhub.accounts.forms.sign_in.LoginForm",
    "reset_password": "peerhub.accounts.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "peerhub.accounts.forms.sign_in.ResetPasswordKeyForm",
    "change_password": "peerhub.accounts.forms.sign_in.ChangePasswordForm",
    "set_password": "peerhub.accounts.forms.sign_in.SetPasswordForm",
    "add_email": "peerhub.accounts.forms.sign_in.ChangeEmailForm",
    "reauthenticate": "peerhub.accounts.forms.sign_in.ReauthenticateForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("PEERHUB_TRUSTED_PROXIES", "0"))
MFA_ADAPTER = "peerhub.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "peerhub.accounts.forms.sign_in.AuthenticateForm",
    "reauthenticate": "peerhub.accounts.forms.sign_in.FactorReauthenticateForm",
    "activate_totp": "peerhub.accounts.forms.sign_in.ActivateTOTPForm",
    "add_webauthn": "peerhub.accounts.forms.sign_in.AddPasskeyForm",
    "edit_webauthn": "peerhub.accounts.forms.sign_in.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # the code before or after: typing takes time, and telephones' clocks drift (RFC 6238, 5.2)
MFA_ALLOW_UNVERIFIED_EMAIL = True  # safe here: nobody is signed in whose address is not confirmed
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SITE_SECURE
PASSWORD_RESET_TIMEOUT = 60 * 60 * 4
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- language, time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LOCALE_PATHS = [BASE_DIR / "locale"]
# A language is offered when somebody has translated PeerHub into it, not before.
LANGUAGES = [("en-gb", _("English"))]
for _code, _name in (("cy", _("Welsh")), ("es", _("Spanish"))):
    if (LOCALE_PATHS[0] / _code / "LC_MESSAGES" / "django.mo").exists():
        LANGUAGES.append((_code, _name))
TIME_ZONE = env("TIME_ZONE", "Europe/London")
USE_I18N = True
USE_TZ = True
FIRST_DAY_OF_WEEK = 1
FORMAT_MODULE_PATH = ["peerhub.formats"]

# --- files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o600
PEERHUB_UPLOAD_LIMIT = 50 * 1024 * 1024

# --- browser security ------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
SECURE_SSL_REDIRECT = SITE_SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if SITE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SITE_SECURE
SECURE_HSTS_PRELOAD = SITE_SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SITE_SECURE
SESSION_COOKIE_NAME = "__Host-peerhub" if SITE_SECURE else "peerhub"
CSRF_COOKIE_NAME = "__Host-csrf" if SITE_SECURE else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# --- logs: JSON, a request id, no personal data ----------------------------------------------------------------------
LOG_LEVEL = env("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "peerhub.common.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "ERROR"},
        "celery": {"level": env("CELERY_LOG_LEVEL", "WARNING")},
        "kombu": {"level": "WARNING"},
    },
}
