import base64
import io
import zipfile

# Where each language looks for modules, below /opt.
FOLDERS = {"python": "python", "nodejs": "nodejs/node_modules"}


def lambda_handler(event, context):
    folder = FOLDERS[event["language"]]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(event["files"]):  # in an order of its own, and not of the event
            info = zipfile.ZipInfo(f"{folder}/{path}")  # its date is 1980, whatever day it is
            archive.writestr(info, event["files"][path])
    return {"zip": base64.b64encode(out.getvalue()).decode()}
