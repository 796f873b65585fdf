"""Sets the clock that Django sees."""
from datetime import datetime, timezone
from unittest import mock

from django.conf import settings


def at(moment):
    """Lets django.utils.timezone.now() tell this moment, an ISO text in UTC, in the form that USE_TZ asks for."""
    utc = datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(timezone.utc)
    # astimezone() without a zone uses the process's own, which Django sets to TIME_ZONE.
    now = utc if settings.USE_TZ else utc.astimezone().replace(tzinfo=None)
    return mock.patch("django.utils.timezone.now", lambda: now)
