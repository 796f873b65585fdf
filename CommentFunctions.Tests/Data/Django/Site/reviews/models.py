"""A site that is not the tutorial's: users of its own who sign in by e-mail, UUID keys, other names, and rows that refer to what expires."""
import uuid

from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class User(AbstractBaseUser):
    USERNAME_FIELD = "email"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True)


class Review(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    body = models.TextField()
    is_removed = models.BooleanField(default=False)


class Flag(models.Model):
    review = models.ForeignKey(Review, on_delete=models.CASCADE)


class FlagNote(models.Model):
    flag = models.ForeignKey(Flag, on_delete=models.CASCADE)


class Bookmark(models.Model):
    review = models.ForeignKey(Review, null=True, on_delete=models.SET_NULL)
