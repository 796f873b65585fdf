"""A site whose database, time zone and key type a test chooses."""
import json
import os

SECRET_KEY = "only for tests"
APP = os.environ["SITE_APP"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "tables", APP]
if APP == "contributed":
    INSTALLED_APPS += ["django.contrib.sites", "django_comments"]
AUTH_USER_MODEL = "reviews.User" if APP == "reviews" else "auth.User"
SITE_ID = 1
DATABASES = {"default": json.loads(os.environ["SITE_DATABASE"])}
USE_TZ = os.environ["SITE_USE_TZ"] == "True"
TIME_ZONE = os.environ["SITE_TIME_ZONE"]
DEFAULT_AUTO_FIELD = os.environ["SITE_AUTO_FIELD"]
