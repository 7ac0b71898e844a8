"""A process of the station loads what it needs, and the sciences only with the first order or drawing."""

import json
import subprocess
import sys

HEAVY = ("altair", "docx", "fhir.resources", "pandas", "pypinyin", "scipy", "shapely", "xarray")
CODE = f"""
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tongchou.station.settings"
import django
django.setup()
import tongchou.station.urls
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


def test_setup_and_addresses_load_no_science():
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout.splitlines()[-1]) == []
