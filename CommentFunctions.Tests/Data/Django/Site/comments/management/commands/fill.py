from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction

from comments.clock import at
from comments.models import Comment


class Command(BaseCommand):
    help = "Writes many comments, of which every third one is new and the others are old."

    def add_arguments(self, parser):
        parser.add_argument("count", type=int)
        parser.add_argument("old")
        parser.add_argument("new")

    @transaction.atomic
    def handle(self, *args, **options):
        user = User.objects.create(username="many")
        for i in range(0, options["count"], 3):
            for moment, numbers in ((options["old"], (i, i + 1)), (options["new"], (i + 2,))):
                with at(moment):
                    Comment.objects.bulk_create(Comment(user=user, text=str(n)) for n in numbers)
