import json
import sys

from django.contrib.auth.models import User
from django.contrib.sites.models import Site
from django.core.management.base import BaseCommand
from django_comments.models import Comment, CommentFlag

from comments.clock import at


class Command(BaseCommand):
    help = "Writes comments on the site, a JSON array of objects with user, text, at and removed, each at its time, with the flags of a reader and of a moderator."

    def handle(self, *args, **options):
        readers = [User.objects.get_or_create(username=name)[0] for name in ("reader", "moderator")]
        page = Site.objects.get_current()
        for number, comment in enumerate(json.load(sys.stdin)):
            user = comment["user"] and User.objects.get_or_create(username=comment["user"])[0]
            if comment.get("text") is not None:
                with at(comment["at"]):
                    # As the form posts it, whose visitors without an account tell a name.
                    written = Comment.objects.create(
                        content_object=page, site=page, user=user or None, user_name="" if user else "visitor", comment=comment["text"], ip_address="192.0.2.1",
                        # A moderator removes one, and does not approve the next.
                        is_removed=comment["removed"] and number % 2 == 0, is_public=not comment["removed"] or number % 2 == 0)
                    for reader, flag in zip(readers, (CommentFlag.SUGGEST_REMOVAL, CommentFlag.MODERATOR_DELETION)):
                        CommentFlag.objects.create(user=reader, comment=written, flag=flag)
