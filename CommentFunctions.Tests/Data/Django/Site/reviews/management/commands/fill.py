from django.core.management.base import BaseCommand

from comments.clock import at
from reviews.models import Flag, Review, User


class Command(BaseCommand):
    help = "Writes many reviews with a flag each, of which every third one is new and the others are old."

    def add_arguments(self, parser):
        parser.add_argument("count", type=int)
        parser.add_argument("old")
        parser.add_argument("new")

    def handle(self, *args, **options):
        user = User.objects.create(email="many")
        for moment, numbers in ((options["old"], 2 * options["count"] // 3), (options["new"], options["count"] // 3)):
            with at(moment):
                written = Review.objects.bulk_create(Review(author=user, body=str(n)) for n in range(numbers))
                Flag.objects.bulk_create(Flag(review=review) for review in written)
