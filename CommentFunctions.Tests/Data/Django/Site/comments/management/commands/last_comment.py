import json

from django.core.management.base import BaseCommand

from comments.models import Comment


class Command(BaseCommand):
    help = "Prints the bot's reply for each user, as a JSON array."

    def add_arguments(self, parser):
        parser.add_argument("user", nargs="+")

    def handle(self, *args, **options):
        self.stdout.write(json.dumps([self.reply(user) for user in options["user"]]))

    def reply(self, user):
        comments = Comment.objects.filter(user__username=user).order_by("timestamp", "id")
        if comments.count() == 0:
            return f"No comments found for user {user}"
        return f"Last comment for {user} was {comments.last().text}"
