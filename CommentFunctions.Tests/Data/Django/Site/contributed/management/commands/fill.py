from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sites.models import Site
from django.core.management.base import BaseCommand
from django.utils import timezone
from django_comments.models import Comment, CommentFlag

from comments.clock import at


class Command(BaseCommand):
    help = "Writes many comments with a flag each, of which every third one is new and the others are old."

    def add_arguments(self, parser):
        parser.add_argument("count", type=int)
        parser.add_argument("old")
        parser.add_argument("new")

    def handle(self, *args, **options):
        user = User.objects.create(username="many")
        page = {"content_type": ContentType.objects.get_for_model(Site), "object_pk": "1", "site_id": 1}
        for moment, numbers in ((options["old"], 2 * options["count"] // 3), (options["new"], options["count"] // 3)):
            with at(moment):
                now = timezone.now()
            Comment.objects.bulk_create(Comment(user=user, comment=str(n), submit_date=now, **page) for n in range(numbers))
            # A SQLite file does not tell the keys of many rows that it gave at once.
            written = Comment.objects.filter(submit_date=now).values_list("id", flat=True)
            CommentFlag.objects.bulk_create(CommentFlag(user=user, comment_id=key, flag=CommentFlag.SUGGEST_REMOVAL, flag_date=now) for key in written)
