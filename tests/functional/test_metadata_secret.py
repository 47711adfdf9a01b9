"""The secret that keys the metadata of mosaics: who has it, who shows it, what hides behind it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from PIL import Image

from pixelater_cli.aws.deploy.deployment import prepare
from pixelater_cli.aws.deploy.executor import apply
from pixelater_cli.aws.operations.metadata_survey import MetadataSurvey, survey_metadata
from pixelater_cli.aws.operations.stack_secret import add_secret
from pixelater_cli.aws.package.builder import Contents
from pixelater_cli.aws.session import Account
from pixelater_cli.aws.session import connect as connect_to
from pixelater_cli.aws.stack import Stack
from pixelater_cli.emulator.pipeline import (
    Deployed,
    Emulator,
    deploy_to,
    send_photo,
    start_emulator,
)
from pixelater_cli.errors import AwsError
from pixelater_function.metadata_secret import is_secret
from pixelater_function.mosaic_metadata import MetadataKey, describe_upload
from tests.clear_metadata import MOSAICS, PHOTOS, make_clear
from tests.functional.conftest import Connect, Pixelater
from tests.pictures import encode, make_scene

FUNCTION, CODE = "pixelater-function", "pixelater-code-bucket"
STORED = {"Bucket": CODE, "Key": f"{FUNCTION}/secret"}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture
def deployed(emulator: Emulator) -> Deployed:
    return deploy_to(emulator, grids=(8, 16))


def read_stored(s3: Any) -> str:
    text: bytes = s3.get_object(**STORED)["Body"].read()
    return text.decode()


def read_variables(functions: Any, **qualifier: str) -> dict[str, str]:
    answer = functions.get_function_configuration(FunctionName=FUNCTION, **qualifier)
    variables: dict[str, str] = answer["Environment"]["Variables"]
    return variables


def list_metadata(s3: Any) -> dict[str, dict[str, str]]:
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=MOSAICS).get("Contents", [])]
    return {key: s3.head_object(Bucket=MOSAICS, Key=key)["Metadata"] for key in keys}


def describe_photo(data: bytes, key: str, answer: dict[str, Any]) -> set[str]:
    """List all that tells a known photo: of its bytes, its upload and its key."""
    digests = [
        hashlib.new(name, data, usedforsecurity=False).digest()
        for name in ("md5", "sha1", "sha256", "sha512")
    ]
    etag = answer["ETag"].strip('"')
    clear = {
        *(digest.hex() for digest in digests),
        *(base64.b64encode(digest).decode() for digest in digests),
        *(etag, key, quote(key), quote(key, safe=""), quote_plus(key)),
        *(answer["VersionId"], answer["LastModified"].isoformat()),
        *(str(len(data)), f"{len(data):x}"),
    }
    unkeyed = {
        hashlib.new(name, word.encode(), usedforsecurity=False).hexdigest()[:length]
        for word in clear
        for name in ("md5", "sha1", "sha256")
        for length in (16, 32, 64)
    }
    guessed = MetadataKey("0" * 64).lock(describe_upload(key, etag, answer["VersionId"], ""))
    return clear | unkeyed | {guessed["pixelater-keyed-photo"], guessed["pixelater-keyed-etag"]}


def observe(s3: Any) -> dict[str, str]:
    """Read all that a caller sees who may list the destination bucket and read its objects.

    The names of mosaics are left out, which do tell the folder and the name of the photo.
    """
    seen = {}
    for entry in s3.list_objects_v2(Bucket=MOSAICS)["Contents"]:
        named = {"Bucket": MOSAICS, "Key": entry.pop("Key")}
        head = s3.head_object(**named, ChecksumMode="ENABLED")
        tags = s3.get_object_tagging(**named)["TagSet"]
        seen[named["Key"]] = json.dumps([entry, head, tags], default=str)
    return seen


def match(seen: dict[str, str], known: set[str]) -> list[str]:
    """List the mosaics in which something of a photo is seen."""
    pattern = re.compile(rf"(?<![\w%])(?:{'|'.join(map(re.escape, sorted(known)))})(?![\w%])")
    return [mosaic for mosaic, text in seen.items() if pattern.search(text)]


def upload(s3: Any, key: str, data: bytes) -> None:
    """Upload a photo, a large one in parts, and wait for its mosaics."""
    name, before = key.rpartition("/")[2], len(list_metadata(s3))
    parts = TransferConfig(multipart_threshold=5 * 2**20, multipart_chunksize=5 * 2**20)
    s3.upload_fileobj(io.BytesIO(data), PHOTOS, key, Config=parts)
    for _ in range(300):
        if len(list_metadata(s3)) == before + 2:
            return
        time.sleep(0.1)
    raise AssertionError(f"no mosaics of {name}")


KNOWN = {
    "users/ann/IMG 0001 \u00fc.png": encode(make_scene((64, 48)), "PNG"),
    "trips/large.png": encode(Image.effect_noise((2700, 2200), 90), "PNG"),
}
"""The second one is uploaded in two parts: its ETag is not an MD5."""


def test_every_emulator_has_the_same_secret() -> None:
    """Mosaics that --persist kept are replaced in the next run: they are not another stack's."""
    found = []
    for _ in range(2):
        with start_emulator() as emulator:
            s3 = deploy_to(emulator, grids=(8,)).account.clients["s3"]
            found.append(s3.get_object(**STORED)["Body"].read())
    assert found[0] == found[1]


def test_known_photos_are_not_found_in_the_destination(
    emulator: Emulator, deployed: Deployed
) -> None:
    s3 = deployed.account.clients["s3"]
    for key, data in KNOWN.items():
        upload(s3, key, data)
    photos = {key: s3.head_object(Bucket=PHOTOS, Key=key) for key in KNOWN}
    assert [photos[key]["ETag"].strip('"')[-2:] for key in KNOWN][1] == "-2"
    seen = observe(s3)
    assert len(seen) == 4
    for key, data in KNOWN.items():
        known = describe_photo(data, key, photos[key])
        assert match(seen, known) == []
        # What 0.1.0 wrote is found: the search works.
        mosaic = next(name for name in seen if name.endswith(key.rpartition("/")[2]))
        make_clear(s3, mosaic, key)
        assert match(observe(s3), known) == [mosaic]


def run(pixelater: Pixelater, emulator: Emulator, *words: str) -> Any:
    return pixelater(*words, "--endpoint-url", emulator.endpoint_url)


def test_metadata_in_clear_are_counted_and_renewed_in_place(
    emulator: Emulator, deployed: Deployed, pixelater: Pixelater
) -> None:
    account, key = deployed.account, "a b/old.png"
    s3, secret = account.clients["s3"], read_stored(account.clients["s3"])
    data = encode(make_scene((50, 40)), "PNG")
    upload(s3, key, data)
    names = ["a b/pixelated-16x16-old.png", "a b/pixelated-8x8-old.png"]
    written = list_metadata(s3)
    kept = {"CacheControl": "max-age=60", "Tagging": "team=web"}
    for name in names:
        make_clear(s3, name, key, **kept)
    before = [s3.head_object(Bucket=MOSAICS, Key=name) for name in names]
    count = json.loads(run(pixelater, emulator, "status", "--json").out)["clear_mosaics"]
    within = ["backfill", "--refresh-metadata", "--prefix", "a b/"]
    plan = run(pixelater, emulator, *within, "--plan")
    assert (plan.code, plan.out.splitlines()[:2]) == (3, names)
    assert list_metadata(s3)[names[0]]["pixelater-v"] == "2"
    done = json.loads(run(pixelater, emulator, *within, "--rate", "1000", "--json").out)
    assert (done["in_clear"], done["left"], done["renewed"]) == (2, 0, True)
    after = [s3.head_object(Bucket=MOSAICS, Key=name) for name in names]
    for name, old, new in zip(names, before, after, strict=True):
        assert new["Metadata"] == MetadataKey(secret).lock(old["Metadata"])
        upload_fields = [field for field in written[name] if "sequencer" not in field]
        assert {f: new["Metadata"][f] for f in upload_fields} == {
            f: written[name][f] for f in upload_fields
        }
        same = ("ETag", "ContentType", "CacheControl", "ContentLength")
        assert [new[field] for field in same] == [old[field] for field in same]
        tags = s3.get_object_tagging(Bucket=MOSAICS, Key=name)["TagSet"]
        assert tags == [{"Key": "team", "Value": "web"}]
    left = json.loads(run(pixelater, emulator, "status", "--json").out)["clear_mosaics"]
    assert count - left == 2
    sent = send_photo(emulator, deployed, key, data)  # Another version of the same bytes.
    assert json.loads(sent.outcome.payload)["failed"] == []


def test_stale_mosaic_in_clear_is_left_to_the_function(
    emulator: Emulator, deployed: Deployed, pixelater: Pixelater
) -> None:
    s3, key = deployed.account.clients["s3"], "stale/a.png"
    upload(s3, key, encode(make_scene((30, 20)), "PNG"))
    name = "stale/pixelated-8x8-a.png"
    found = s3.get_object(Bucket=MOSAICS, Key=name)
    s3.put_object(
        Bucket=MOSAICS,
        Key=name,
        Body=found["Body"].read(),
        Metadata=describe_upload(key, "of another upload", "v", "2026"),
    )
    within = ["backfill", "--refresh-metadata", "--prefix", "stale/", "--json"]
    done = json.loads(run(pixelater, emulator, *within).out)
    assert (done["looked_at"], done["in_clear"], done["left"]) == (2, 0, 1)


def test_secret_is_shown_by_no_command(
    emulator: Emulator, deployed: Deployed, pixelater: Pixelater, tmp_path: Path
) -> None:
    secret = read_stored(deployed.account.clients["s3"])
    assert read_variables(deployed.account.clients["lambda"])["PIXELATER_SECRET"] == secret
    photo = tmp_path / "seen.png"
    photo.write_bytes(encode(make_scene((31, 21)), "PNG"))
    arm = ["--grids", "8,16", "--memory", "2048"]
    commands = [
        ["deploy", "--plan", "-v", *arm],
        ["deploy", "--plan", "--json", *arm],
        ["deploy", "--print-policy", "operator"],
        ["status", "-v"],
        ["status", "--json"],
        ["push", str(photo), "--wait", "-v"],
        ["backfill", "--plan", "-v"],
        ["logs", "-v"],
        ["failures", "list", "-v"],
        ["package", "--out", "function.zip", "-v"],
    ]
    for words in commands:
        done = run(pixelater, emulator, *words) if words[0] != "package" else pixelater(*words)
        assert done.code in (0, 3), (words, done.err)
        assert secret not in done.out + done.err
    zipped = zipfile.ZipFile(tmp_path / "function.zip")
    assert all(secret.encode() not in zipped.read(name) for name in zipped.namelist())
    assert secret not in repr(add_secret(deployed.account, deployed.stack, time.sleep))


def test_lost_secret_comes_back_from_the_function(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    at = ["--endpoint-url", moto]
    s3, functions = connect("s3"), connect("lambda")
    first = pixelater("deploy", *at, "-v")
    secret = read_stored(s3)
    assert (first.code, is_secret(secret), secret in first.out + first.err) == (0, True, False)
    assert json.loads(pixelater("deploy", *at, "--json").out)["steps"] == []
    s3.delete_object(**STORED)
    status = pixelater("status", *at)
    assert (status.code, "missing  secret of stack pixelater" in status.out) == (3, True)
    assert pixelater("deploy", *at).code == 0
    assert read_stored(s3) == secret
    s3.delete_object(**STORED)
    variables = {k: v for k, v in read_variables(functions).items() if k != "PIXELATER_SECRET"}
    functions.update_function_configuration(
        FunctionName=FUNCTION, Environment={"Variables": variables}
    )
    plan = json.loads(pixelater("deploy", *at, "--plan", "--json").out)
    assert [step["call"] for step in plan["steps"]][:2] == [
        "s3:put_object",
        "lambda:update_function_configuration",
    ]
    assert pixelater("deploy", *at).code == 0
    assert (read_stored(s3), read_variables(functions)["PIXELATER_SECRET"]) == (secret, secret)
    assert json.loads(pixelater("deploy", *at, "--json").out)["steps"] == []


def test_secret_that_is_gone_everywhere_is_made_anew(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    at = ["--endpoint-url", moto]
    pixelater("deploy", *at)
    secret = read_stored(connect("s3"))
    connect("s3").delete_object(**STORED)
    connect("lambda").delete_function(FunctionName=FUNCTION)
    assert pixelater("deploy", *at).code == 0
    new = read_stored(connect("s3"))
    assert (is_secret(new), new != secret) == (True, True)
    assert read_variables(connect("lambda"))["PIXELATER_SECRET"] == new


def test_interrupted_deploy_continues_with_the_stored_secret(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    """As if it ended between storing the secret and creating the function."""
    at = ["--endpoint-url", moto]
    account = sign_in(moto)
    deployment = prepare(account, make_stack(account), CONTENTS, time.sleep)
    titles = [step.title for step in deployment.steps]
    upto = deployment.steps[: titles.index("create secret of stack pixelater") + 1]
    apply(account, upto, deployment.state.outputs, lambda _step: None, time.sleep)
    assert pixelater("deploy", *at).code == 0
    assert read_stored(connect("s3")) == deployment.stack.secret
    assert read_variables(connect("lambda"))["PIXELATER_SECRET"] == deployment.stack.secret


def test_second_secret_is_not_stored_over_the_first(moto: str, connect: Connect) -> None:
    """Two deploys begin at the same time: the second one fails, and succeeds when run again."""
    account = sign_in(moto)
    first, second = (prepare(account, make_stack(account), CONTENTS, time.sleep) for _ in range(2))
    apply(account, first.steps, first.state.outputs, lambda _step: None, time.sleep)
    (put,) = (step for step in second.steps if step.title.startswith("create secret"))
    with pytest.raises(AwsError, match="PreconditionFailed"):
        apply(account, [put], {}, lambda _step: None, time.sleep)
    assert read_stored(connect("s3")) == first.stack.secret
    (again,) = (step for step in first.steps if step.title.startswith("create secret"))
    apply(account, [again], {}, lambda _step: None, time.sleep)  # Its first answer was lost.
    assert prepare(account, make_stack(account), CONTENTS, time.sleep).steps == ()


@pytest.mark.parametrize("command", ["deploy", "status", "rollback"])
def test_damaged_secret_is_reported_and_not_shown(
    pixelater: Pixelater, moto: str, connect: Connect, command: str
) -> None:
    at = ["--endpoint-url", moto]
    pixelater("deploy", *at)
    connect("s3").put_object(**STORED, Body=b"damaged-secret")
    done = pixelater(command, *at)
    assert (done.code, "is not a secret of 64 hexadecimal digits" in done.err) == (1, True)
    assert "damaged" not in done.out + done.err


def test_caller_who_may_not_read_the_secret_gets_the_refusal(moto: str) -> None:
    account = sign_in(moto)

    def refuse(**_parameters: Any) -> Any:
        error = {"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}
        raise ClientError(error, "GetObject")

    denied = replace(account, clients={"s3": SimpleNamespace(get_object=refuse)})
    with pytest.raises(AwsError, match=r"could not read the secret s3://.*AccessDenied"):
        add_secret(denied, make_stack(account), time.sleep)


@pytest.mark.parametrize(("code", "known"), [("403", True), ("500", False)])
def test_caller_who_may_not_read_mosaics_learns_nothing_of_them(
    moto: str, code: str, known: bool
) -> None:
    account, entry = sign_in(moto), {"Key": "a", "LastModified": 0, "ETag": "", "Size": 0}

    def refuse(**_parameters: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "HeadObject")

    s3 = SimpleNamespace(
        head_object=refuse,
        list_objects_v2=lambda **_parameters: {"IsTruncated": False, "Contents": [entry]},
    )
    denied = replace(account, clients={"s3": s3})
    if known:
        assert survey_metadata(denied, make_stack(account)) == MetadataSurvey(None, {})
        return
    with pytest.raises(AwsError, match="could not read the metadata of mosaics"):
        survey_metadata(denied, make_stack(account))


def test_rollback_runs_the_former_code_with_the_secret_of_now(
    pixelater: Pixelater, moto: str, connect: Connect
) -> None:
    at = ["--endpoint-url", moto]
    s3, functions = connect("s3"), connect("lambda")
    pixelater("deploy", *at, "--memory", "512")
    s3.put_object(**STORED, Body=b"5" * 64)
    plan = pixelater("deploy", *at, "--plan")
    new = MetadataKey("5" * 64).fingerprint
    assert (plan.code, f"-> fingerprint {new}" in " ".join(plan.out.split())) == (3, True)
    pixelater("deploy", *at, "--memory", "1024")
    done = json.loads(pixelater("rollback", *at, "--json").out)
    assert (done["left"], done["chosen"], done["function_version"]) == ("2", "1", "3")
    assert read_variables(functions, Qualifier="live")["PIXELATER_SECRET"] == "5" * 64
    settings = functions.get_function_configuration(FunctionName=FUNCTION, Qualifier="live")
    assert settings["MemorySize"] == 512


def test_mosaics_of_a_lost_secret_are_taken_over_by_an_explicit_word(
    emulator: Emulator, deployed: Deployed, pixelater: Pixelater
) -> None:
    """A stack was destroyed, and its mosaics were kept: the next one replaces them if told to."""
    s3 = deployed.account.clients["s3"]
    s3.put_object(**STORED, Body=b"5" * 64)
    deploy_to(emulator, grids=(8, 16))
    upload(s3, "a.png", encode(make_scene((30, 20)), "PNG"))
    lost = MetadataKey(read_stored(s3)).fingerprint
    assert run(pixelater, emulator, "destroy", "--yes").code == 0
    deployed = deploy_to(emulator, grids=(8, 16))
    before = list_metadata(s3)
    sent = send_photo(emulator, deployed, "a.png", encode(make_scene((40, 20)), "PNG"))
    assert sent.error.endswith(f"pixelater backfill --take-over {lost}")
    assert list_metadata(s3) == before
    status = json.loads(run(pixelater, emulator, "status", "--json").out)
    assert status["unknown_secrets"] == {lost: 2}
    other = run(pixelater, emulator, "backfill", "--take-over", "0" * 16, "--json")
    assert (other.code, json.loads(other.out)["unknown_secrets"]) == (1, {lost: 2})
    plain = run(pixelater, emulator, "backfill", "--plan", "--json")
    assert json.loads(plain.out)["refusals"] == {f"secret {lost}": 1}
    plan = run(pixelater, emulator, "backfill", "--take-over", lost, "--plan")
    assert (plan.code, plan.out.splitlines()[0]) == (3, f"a.png  secret {lost}: 8, 16")
    done = run(pixelater, emulator, "backfill", "--take-over", lost, "--json")
    assert (done.code, json.loads(done.out)["lacking"]) == (0, 1)
    own = MetadataKey(read_stored(s3)).fingerprint
    for _ in range(300):
        if {each["pixelater-secret"] for each in list_metadata(s3).values()} == {own}:
            break
        time.sleep(0.1)
    assert {each["pixelater-secret"] for each in list_metadata(s3).values()} == {own}
    refused = run(pixelater, emulator, "backfill", "--take-over", own)
    assert (refused.code, "is the secret of this stack" in refused.err) == (2, True)
    retried = json.loads(run(pixelater, emulator, "failures", "retry", "--json").out)
    assert {each["state"] for each in retried["failures"]} == {"worked"}
    assert json.loads(run(pixelater, emulator, "failures", "--json").out)["failures"] == []
    again = run(pixelater, emulator, "backfill", "--take-over", lost, "--json")
    assert (again.code, json.loads(again.out)["unknown_secrets"]) == (0, {})


def test_mosaic_of_another_format_is_not_offered_for_taking_over(
    emulator: Emulator, deployed: Deployed, pixelater: Pixelater
) -> None:
    """A stack that made PNGs is gone; this one has made JPEGs of the same photo."""
    s3, name = deployed.account.clients["s3"], "pixelated-8x8-a.png"
    upload(s3, "a.jpg", encode(make_scene((30, 20)), "JPEG"))
    lost = MetadataKey("5" * 64)
    metadata = lost.lock(describe_upload("a.jpg", "e", "v", "2026"))
    s3.put_object(Bucket=MOSAICS, Key=name, Body=b"left", Metadata=metadata)
    status = run(pixelater, emulator, "status", "--json")
    counted = {lost.fingerprint: 1}
    document = json.loads(status.out)
    assert (document["unknown_secrets"], document["leftover_mosaics"]) == (counted, counted)
    text = " ".join(run(pixelater, emulator, "status").out.split())
    assert (f"with the secret {lost.fingerprint}" in text, "backfill --take-over" in text) == (
        True,
        False,
    )
    tried = run(pixelater, emulator, "backfill", "--take-over", lost.fingerprint, "--json")
    assert (tried.code, json.loads(tried.out)["leftover_mosaics"]) == (0, counted)


@pytest.mark.parametrize("condition", ["IfMatch", "CopySourceIfMatch"])
def test_emulator_copies_on_condition_of_the_etag(emulator: Emulator, condition: str) -> None:
    s3 = sign_in(emulator.endpoint_url).clients["s3"]
    s3.create_bucket(Bucket="copies")
    place = {"Bucket": "copies", "Key": "a b"}
    stale = s3.put_object(**place, Body=b"first")["ETag"]
    current = s3.put_object(**place, Body=b"second")["ETag"]
    copy = {**place, "MetadataDirective": "REPLACE", "CopySource": place}
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.copy_object(**copy, **{condition: stale})
    copied = s3.copy_object(**copy, **{condition: current})
    assert copied["CopyObjectResult"]["ETag"] == current


@pytest.mark.parametrize(
    "words",
    [
        ["--take-over", "secret"],
        ["--take-over", ""],
        ["--take-over", "0" * 16, "--all"],
        ["--refresh-metadata", "--all"],
        ["--refresh-metadata", "--via", "s3-batch", "--plan"],
    ],
)
def test_selections_of_backfill_exclude_each_other(pixelater: Pixelater, words: list[str]) -> None:
    assert pixelater("backfill", *words).code == 2


CONTENTS = Contents("", {"pixelater_function/handler.py": b"# no code\n"})


def sign_in(endpoint_url: str) -> Account:
    return connect_to(None, "us-east-1", endpoint_url, time.sleep)


def make_stack(account: Account) -> Stack:
    return Stack(account.number, account.region, tls=False)
