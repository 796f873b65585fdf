from django.conf import settings
from django.db import migrations, models
from django.utils.module_loading import import_string


class Migration(migrations.Migration):
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                # As makemigrations writes it for either size of keys.
                ("id", import_string(settings.DEFAULT_AUTO_FIELD)(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("timestamp", models.DateTimeField(auto_now_add=True)),
                ("text", models.TextField(max_length=1024)),
                ("user", models.ForeignKey(on_delete=models.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
