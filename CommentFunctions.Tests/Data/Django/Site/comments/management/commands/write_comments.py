import json
import sys

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from comments.clock import at
from comments.models import Comment


class Command(BaseCommand):
    help = "Writes comments, a JSON array of objects with user, text and at, each at its time."

    def handle(self, *args, **options):
        for comment in json.load(sys.stdin):
            user, _ = User.objects.get_or_create(username=comment["user"])
            if comment.get("text") is not None:
                with at(comment["at"]):
                    Comment.objects.create(user=user, text=comment["text"])
