import json

from django.core.management.base import BaseCommand

from comments.models import Comment


class Command(BaseCommand):
    help = "Prints all comments, newest first, as a JSON array of texts: key, user, time, text."

    def handle(self, *args, **options):
        comments = Comment.objects.select_related("user").order_by("-timestamp", "-id")
        self.stdout.write(json.dumps([f"{c.id} {c.user.username} {c.timestamp.isoformat()} {c.text}" for c in comments]))
