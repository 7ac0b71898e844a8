"""Settings of the station. Everything that differs between installations is an environment variable.

============================ =====================================================================
``DATABASE_URL``             a PostgreSQL server; without it the embedded one that `serve` starts
``TONGCHOU_HOME``            folder of the station's own files (secret key, embedded database)
``TONGCHOU_DEBUG``           ``1`` for a demonstration on this machine only; off by default
``TONGCHOU_HOSTS``           host names the station answers to, separated by commas
``TONGCHOU_SECRET_KEY``      secret key; without it one is made and kept in ``TONGCHOU_HOME``
``TONGCHOU_PROXY``           ``1`` behind a reverse proxy that sets ``X-Forwarded-Proto``
``TONGCHOU_OIDC``            OpenID Connect provider as ``issuer|client id|client secret``
``TONGCHOU_TIME_ZONE``       time zone of the operational day, ``Asia/Shanghai`` by default
============================ =====================================================================
"""

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONCE, SELF

from tongchou.situation.home import home
from tongchou.station import keys, oidc
from tongchou.station.operations import logs

BASE = Path(__file__).parent
HOME = home() / "station"
"""Where the station keeps what belongs to this installation."""

DEMONSTRATION = os.environ.get("TONGCHOU_DEBUG") == "1"
"""Plain HTTP on this machine and no second factor; errors show the pages of real work all the same."""
DEBUG = False
SECRET_KEY = os.environ.get("TONGCHOU_SECRET_KEY") or keys.secret_key(HOME)
ALLOWED_HOSTS = [h for h in os.environ.get("TONGCHOU_HOSTS", "").split(",") if h] or [
    "localhost",
    "127.0.0.1",
    "[::1]",
]

INSTALLED_APPS = [
    "tongchou.station.places",
    "tongchou.station.accounts",
    "tongchou.station.access",
    "tongchou.station.audit",
    "tongchou.station.desk",
    "tongchou.station.exchange",
    "tongchou.station.exchange.fhir",
    "tongchou.station.api",
    "tongchou.station.cases",
    "tongchou.station.incident",
    "tongchou.station.administration",
    "tongchou.station.operations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "js_lib_bootstrap5",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "ninja",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "tongchou.station.operations.middleware.Outermost",
    "tongchou.station.api.entrance.Border",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tongchou.station.accounts.hygiene.Hygiene",
    "tongchou.station.accounts.hygiene.Pace",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tongchou.station.api.entrance.Entrance",
    "tongchou.station.access.middleware.ScopeMiddleware",
    "tongchou.station.desk.middleware.DeskMiddleware",
    "tongchou.station.api.idempotency.OnceOnly",
    "tongchou.station.accounts.middleware.SessionRules",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tongchou.station.urls"
WSGI_APPLICATION = "tongchou.station.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "tongchou.station.desk.templatetags.words",
                "tongchou.station.desk.templatetags.pieces",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tongchou.station.desk.context.desk",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL", "postgresql://postgres@localhost/postgres"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "station_cache",
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
TIME_ZONE = os.environ.get("TONGCHOU_TIME_ZONE", "Asia/Shanghai")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tongchou.station.operations.static.StaticFiles"},
}
LOGGING = logs.configuration()

SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("TONGCHOU_PROXY") == "1" else None
)
SECURE_SSL_REDIRECT = not DEMONSTRATION
SECURE_HSTS_SECONDS = 0 if DEMONSTRATION else 31_536_000
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMONSTRATION
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMONSTRATION
SECURE_REDIRECT_EXEMPT = [r"^api/"]
"""A program that calls without encryption is told so, not silently led to it."""
if not DEMONSTRATION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_SECURE = "__Host-language", True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "tongchou.station.desk.errors.csrf_failure"
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "tongchou.station.exchange.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "tongchou.station.accounts.passwords.ContextWords"},
]
ACCOUNT_FORMS = {
    "change_password": "tongchou.station.accounts.forms.ChangePasswordForm",
    "reauthenticate": "tongchou.station.accounts.forms.ReauthenticateForm",
}
ACCOUNT_ADAPTER = "tongchou.station.accounts.adapters.ClosedDoor"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
SOCIALACCOUNT_ADAPTER = "tongchou.station.accounts.adapters.KnownColleagues"
SOCIALACCOUNT_PROVIDERS = oidc.providers(os.environ.get("TONGCHOU_OIDC", ""))
SOCIALACCOUNT_ONLY = False
MFA_ADAPTER = "tongchou.station.accounts.adapters.SealedSecrets"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "tongchou"
MFA_RECOVERY_CODES_SHOW_ONCE = True
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "tongchou.station.accounts.signals.lockout_name"
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "tongchou.station.desk.errors.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

STATION_REQUESTS_PER_MINUTE = 600
STATION_TOO_MANY = "tongchou.station.desk.errors.locked_out"
STATION_IDLE_MINUTES = 60
STATION_SESSION_HOURS = 12
"""A shift: nobody stays signed in longer, nor idle longer than an hour (assumptions; the installation may shorten them)."""
STATION_TOTP_ROLES = (
    ()
    if DEMONSTRATION
    else ("commander", "duty_officer", "epidemiologist", "clinician", "auditor", "administrator")
)
"""Roles that must have a second factor; none in a demonstration."""

API_REQUESTS_PER_MINUTE = {"token": 600, "user": 1200, "address": 120}
"""How many requests a token, a user with all tokens, and an address of nobody known may send."""

STATION_ACTOR_SOURCES = [
    "tongchou.station.api.tokens.from_bearer",
    "tongchou.station.accounts.actors.from_session",
]
"""Who a request's actor may be, asked in order."""
