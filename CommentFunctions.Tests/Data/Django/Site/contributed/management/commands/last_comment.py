import json

from django.core.management.base import BaseCommand
from django_comments.models import Comment


class Command(BaseCommand):
    help = "Prints the bot's reply for each user, as a JSON array."

    def add_arguments(self, parser):
        parser.add_argument("user", nargs="+")

    def handle(self, *args, **options):
        self.stdout.write(json.dumps([self.reply(user) for user in options["user"]]))

    def reply(self, user):
        last = Comment.objects.filter(user__username=user, is_public=True, is_removed=False).order_by("submit_date", "id").last()
        return f"Last comment for {user} was {last.comment}" if last else f"No comments found for user {user}"
