import json

from django.core.management.base import BaseCommand

from reviews.models import Review


class Command(BaseCommand):
    help = "Prints the bot's reply for each user, as a JSON array."

    def add_arguments(self, parser):
        parser.add_argument("user", nargs="+")

    def handle(self, *args, **options):
        self.stdout.write(json.dumps([self.reply(user) for user in options["user"]]))

    def reply(self, user):
        last = Review.objects.filter(author__email=user, is_removed=False).order_by("created_at", "id").last()
        return f"Last comment for {user} was {last.body}" if last else f"No comments found for user {user}"
