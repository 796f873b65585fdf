"""The tutorial's bot: for each message of a file, count the user's comments and print the last one. Prints the seconds of the loop.

Usage: bot_loop.py <folder> <users> <users with comments> <comments> <messages file>
"""
import os
import sys
import time

import django
from django.conf import settings

folder, messages = sys.argv[1], sys.argv[5]
users, writers, comments = map(int, sys.argv[2:5])
database = os.path.join(folder, "site.db")
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, models


class Comment(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    timestamp = models.DateTimeField(auto_now_add=True)
    text = models.TextField(max_length=1024)

    class Meta:
        app_label = "comments"


if not os.path.exists(database):
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Comment)
    User.objects.bulk_create([User(username=f"user{i}") for i in range(users)])
    writer = list(User.objects.order_by("pk")[:writers])
    Comment.objects.bulk_create((Comment(user=writer[i * 2654435761 % writers], text=f"comment number {i}") for i in range(comments)), batch_size=300)


def answer(name):
    found = Comment.objects.filter(user__username=name)
    if found.count() == 0:
        return f"No comments found for user {name}"
    return f"Last comment for {name} was {found.last().text}"


with open(messages) as file:
    names = [line.strip() for line in file]

with open(os.devnull, "w") as out:
    for name in names[:500]:
        print(answer(name), file=out)
    start = time.perf_counter()
    for name in names:
        print(answer(name), file=out)
    print(time.perf_counter() - start)
