"""The bot's question asked through Django's ORM, of the tables that the app made.

latest_comment.py answers FILE WARM_UP  answers each name in the file; prints the seconds and the hash of all replies
latest_comment.py first USER            answers one, and prints the reply

DJANGO_DATABASE is the database's entry in DATABASES, as JSON; CUTOFF the time up to which comments have expired.
"""

import hashlib
import json
import os
import sys
import time

import django
from django.conf import settings

DATABASE = json.loads(os.environ["DJANGO_DATABASE"])
CUTOFF = int(os.environ["CUTOFF"])

# What a site whose comments belong to Django's users cannot be without.
settings.configure(
    DATABASES={"default": DATABASE},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.db import models  # noqa: E402 (models need the settings)

# The app's SQLite keeps ids as text with dashes, which is not what a UUIDField reads there.
Id = models.UUIDField if DATABASE["ENGINE"].endswith("postgresql") else models.CharField


class Comment(models.Model):
    id = Id(primary_key=True, max_length=36, db_column="Id")
    user_name = models.CharField(max_length=150, db_column="UserName")
    created_at = models.BigIntegerField(db_column="CreatedAt")
    text = models.TextField(max_length=1024, db_column="Text")

    class Meta:
        app_label = "comments"
        managed = False
        db_table = "Comments"


def answer(name):
    comment = (
        Comment.objects.filter(user_name=name, created_at__gt=CUTOFF)
        .order_by("-created_at", "-id")
        .first()
    )
    if comment is None:
        return f"No comments found for user {name}"
    return f"Last comment for {name} was {comment.text}"


def answers(path, warm_up):
    with open(path, encoding="utf-8") as file:
        names = file.read().split()
    for name in names[:warm_up]:
        answer(name)
    start = time.perf_counter()
    replies = [answer(name) for name in names]
    seconds = time.perf_counter() - start
    digest = hashlib.sha256("\n".join(replies).encode("utf-8")).hexdigest().upper()
    print(json.dumps({"seconds": seconds, "hash": digest}))


if sys.argv[1] == "answers":
    answers(sys.argv[2], int(sys.argv[3]))
else:
    print(answer(sys.argv[2]))
