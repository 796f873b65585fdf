"""A site whose app, time zone and key type a test chooses."""
import os

SECRET_KEY = "only for tests"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", os.environ["SITE_APP"]]
AUTH_USER_MODEL = {"comments": "auth.User", "reviews": "reviews.User"}[os.environ["SITE_APP"]]
# Its commands are told of one each time.
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = os.environ["SITE_USE_TZ"] == "True"
TIME_ZONE = os.environ["SITE_TIME_ZONE"]
DEFAULT_AUTO_FIELD = os.environ["SITE_AUTO_FIELD"]
