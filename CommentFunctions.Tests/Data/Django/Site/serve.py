"""Runs commands of a site: each line of the input names one and the database that it works on, and each line of the output answers."""
import io
import json
import os
import sys

import django
from django.core.management import call_command
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()


def run(request):
    connection.settings_dict.update(request["database"])
    for model in django.apps.apps.get_models():
        # What is known of another database, such as of its content types.
        getattr(model._default_manager, "clear_cache", lambda: None)()
    sys.stdin, output = io.StringIO(request["input"]), io.StringIO()
    try:
        call_command(*request["arguments"], stdout=output, stderr=output)
        return {"output": output.getvalue()}
    except (Exception, SystemExit) as error:
        return {"error": f"{request['arguments']}: {output.getvalue()}{error!r}"}
    finally:
        connection.close()


requests, answers, sys.stdout = sys.stdin, sys.stdout, sys.stderr
for line in requests:
    print(json.dumps(run(json.loads(line))), file=answers, flush=True)
