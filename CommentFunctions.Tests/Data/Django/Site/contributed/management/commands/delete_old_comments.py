from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone
from django_comments.models import Comment

from comments.clock import at


class Command(BaseCommand):
    help = "Deletes the comments that are a day old or older, and prints how many."

    def add_arguments(self, parser):
        parser.add_argument("now")

    def handle(self, *args, **options):
        with at(options["now"]):
            day_ago = timezone.now() - timedelta(days=1)
        _, deleted = Comment.objects.filter(submit_date__lte=day_ago).delete()
        self.stdout.write(str(deleted.get("django_comments.Comment", 0)))
