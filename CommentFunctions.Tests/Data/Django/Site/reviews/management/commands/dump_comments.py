import json

from django.core.management.base import BaseCommand

from reviews.models import Bookmark, Flag, FlagNote, Review


class Command(BaseCommand):
    help = "Prints all rows, reviews newest first, as a JSON array of texts."

    def handle(self, *args, **options):
        reviews = Review.objects.select_related("author").order_by("-created_at", "-id")
        rows = [f"{r.id} {r.author and r.author.email} {r.created_at.isoformat()} {r.body}" for r in reviews]
        for model in (Flag, FlagNote, Bookmark):
            rows += [f"{model.__name__} {list(row)}" for row in model.objects.order_by("id").values_list()]
        self.stdout.write(json.dumps(rows, default=str))
