import json
import sys

from django.core.management.base import BaseCommand

from comments.clock import at
from reviews.models import Bookmark, Flag, FlagNote, Review, User


class Command(BaseCommand):
    help = "Writes reviews, a JSON array of objects with user, text, at and removed, each at its time, with two flags, a note on one, and a bookmark."

    def handle(self, *args, **options):
        for review in json.load(sys.stdin):
            user = review["user"] and User.objects.get_or_create(email=review["user"])[0]
            if review.get("text") is not None:
                with at(review["at"]):
                    # Keys have no order, and of one moment the greater one is taken for the later.
                    written = Review.objects.create(author=user or None, body=review["text"], is_removed=review["removed"], id=_next())
                    FlagNote.objects.create(flag=Flag.objects.create(review=written))
                    Flag.objects.create(review=written)
                    Bookmark.objects.create(review=written)


def _next():
    import uuid

    return uuid.UUID(int=max((r.int for r in Review.objects.values_list("id", flat=True)), default=0xF << 124) + 1)
