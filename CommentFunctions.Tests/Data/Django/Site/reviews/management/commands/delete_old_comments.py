from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from comments.clock import at
from reviews.models import Review


class Command(BaseCommand):
    help = "Deletes the reviews that are a day old or older, and prints how many."

    def add_arguments(self, parser):
        parser.add_argument("now")
        parser.add_argument("--removed", action="store_true", help="only those that a moderator removed")

    def handle(self, *args, **options):
        with at(options["now"]):
            day_ago = timezone.now() - timedelta(days=1)
        old = Review.objects.filter(created_at__lte=day_ago)
        _, deleted = (old.filter(is_removed=True) if options["removed"] else old).delete()
        self.stdout.write(str(deleted.get("reviews.Review", 0)))
