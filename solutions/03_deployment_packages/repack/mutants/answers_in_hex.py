# fails task 2: repack.not-lambdas-sum
import base64
import hashlib
import io
import zipfile

LEFT_OUT = {"__pycache__", "__MACOSX"}


def lambda_handler(event, context):
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(event["zip"]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    files = {name: content for name, content in files.items() if not LEFT_OUT & set(name.split("/"))}
    if all("/" in name for name in files) and len({name.split("/")[0] for name in files}) == 1:
        files = {name.partition("/")[2]: content for name, content in files.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(files):  # an order of its own ...
            info = zipfile.ZipInfo(name)  # ... and a date that is always the same: the first of 1980
            info.external_attr = 0o644 << 16  # everybody may read it
            archive.writestr(info, files[name])
    digest = hashlib.sha256(out.getvalue()).hexdigest().encode()
    return {"zip": base64.b64encode(out.getvalue()).decode(), "sha256": base64.b64encode(digest).decode()}
