"""Runs a site's commands: a JSON object on each line of the input names one, and the database that it works on. Django is started once for all."""
import io
import json
import os
import sys
import traceback

import django
from django.core.management import call_command
from django.db import connections

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
django.setup()
for line in sys.stdin:
    request = json.loads(line)
    connections["default"].close()
    del connections["default"]
    connections.databases["default"].update(request["database"])
    requests, sys.stdin, output = sys.stdin, io.StringIO(request["input"]), io.StringIO()
    try:
        call_command(*request["arguments"], stdout=output)
        answer = {"output": output.getvalue().strip()}
    except Exception:
        answer = {"error": traceback.format_exc()}
    sys.stdin = requests
    connections["default"].close()
    print(json.dumps(answer), flush=True)
