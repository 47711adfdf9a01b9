"""What the weather decides: from a seed and calls, without a server."""

from __future__ import annotations

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.loaders import Loader

from pixelater_cli.emulator.weather.answers import make_error
from pixelater_cli.emulator.weather.calls import Call, read_call
from pixelater_cli.emulator.weather.chance import Chance
from pixelater_cli.emulator.weather.deliveries import (
    FIRST_EVENTS,
    FIRST_SECONDS,
    LOST_SECONDS,
    plan_delivery,
)
from pixelater_cli.emulator.weather.grants import SPREAD_SECONDS, Grants
from pixelater_cli.emulator.weather.kinds import KINDS, Kind, parse_kinds
from pixelater_cli.emulator.weather.order import reorder_notification, reorder_tags, shuffle
from pixelater_cli.emulator.weather.refusal_table import REFUSALS
from pixelater_cli.emulator.weather.spells import (
    CALLS,
    FAILED,
    LONG_CALLS,
    SECONDS,
    THROTTLED,
    Spells,
)
from pixelater_cli.emulator.weather.staleness import STALE_READS
from pixelater_cli.emulator.weather.weather import Reset, Weather
from pixelater_cli.errors import UsageError

SIGNED = "AWS4-HMAC-SHA256 Credential=AKID/20261126/eu-west-1/{}/aws4_request, SignedHeaders=host"
ALL: frozenset[Kind] = frozenset(KINDS)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("order", {"order"}),
        ("stale,slow", {"stale", "slow"}),
        ("all", set(KINDS)),
        (" newborn , faults ", {"newborn", "faults"}),
    ],
)
def test_kinds_are_parsed(text: str, kinds: set[str]) -> None:
    assert parse_kinds(text) == kinds


@pytest.mark.parametrize("text", ["", "rain", "order,", "all,order", "Order"])
def test_unknown_kind_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_kinds(text)
    assert caught.value.hint == "Use order, stale, newborn, slow, throttle, faults, or all."


def test_chance_depends_on_seed_purpose_subject_and_count() -> None:
    draws = [
        Chance(seed).fix(purpose, subject, count)
        for seed in (0, 1)
        for purpose in ("a", "b")
        for subject in ("x", "y")
        for count in (0, 1)
    ]
    assert len(set(draws)) == len(draws)
    assert all(0 <= draw < 1 for draw in draws)


def test_chance_draws_the_same_whatever_others_draw() -> None:
    alone, among = Chance(7), Chance(7)
    first = [alone.draw("a", "x") for _ in range(5)]
    second = []
    for _ in range(5):
        among.draw("a", "y")
        second.append(among.draw("a", "x"))
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"a/{'0f' * 16}.png", f"a/{'e1' * 16}.png"),
        ("6d1b2c3d-0000-4444-8888-aaaaaaaaaaaa", "7d1b2c3d-1111-4444-8888-bbbbbbbbbbbb"),
    ],
)
def test_chance_does_not_see_random_ids(one: str, other: str) -> None:
    assert Chance(0).fix("a", one) == Chance(0).fix("a", other)
    assert Chance(0).fix("a", one) != Chance(0).fix("a", "a/b.png")


CALLS_READ: list[tuple[str, str, str, bytes, dict[str, str], str, dict[str, str]]] = [
    ("GET", "/", "", b"", {}, "s3:ListBuckets", {}),
    ("PUT", "/b", "", b"", {}, "s3:CreateBucket", {"bucket": "b"}),
    ("PUT", "/b/", "", b"", {}, "s3:CreateBucket", {"bucket": "b"}),
    ("GET", "/b", "policy", b"", {}, "s3:GetBucketPolicy", {"bucket": "b"}),
    ("GET", "/b", "policy=", b"", {}, "s3:GetBucketPolicy", {"bucket": "b"}),
    ("GET", "/b", "list-type=2&prefix=a", b"", {}, "s3:ListObjectsV2", {"bucket": "b"}),
    ("GET", "/b", "versions", b"", {}, "s3:ListObjectVersions", {"bucket": "b"}),
    ("PUT", "/b", "lifecycle", b"", {}, "s3:PutBucketLifecycleConfiguration", {"bucket": "b"}),
    (
        *("PUT", "/b", "notification", b"<a>:function:mine:live</a>", {}),
        *("s3:PutBucketNotificationConfiguration", {"bucket": "b", "function": "mine"}),
    ),
    ("GET", "/b/k/l", "", b"", {}, "s3:GetObject", {"bucket": "b", "object": "b/k/l"}),
    ("GET", "/b/k/", "", b"", {}, "s3:GetObject", {"bucket": "b", "object": "b/k/"}),
    ("HEAD", "/b/\xc3\xa9", "", b"", {}, "s3:HeadObject", {"bucket": "b", "object": "b/é"}),
    ("PUT", "/b/k", "", b"", {}, "s3:PutObject", {"bucket": "b", "object": "b/k"}),
    (
        *("PUT", "/b/k", "", b"", {"HTTP_X_AMZ_COPY_SOURCE": "b/l"}),
        *("s3:CopyObject", {"bucket": "b", "object": "b/k"}),
    ),
    (
        *("PUT", "/b/k", "partNumber=1&uploadId=2", b"", {}),
        *("s3:UploadPart", {"bucket": "b", "object": "b/k"}),
    ),
    (
        *("POST", "/b/k", "uploadId=2", b"", {}),
        *("s3:CompleteMultipartUpload", {"bucket": "b", "object": "b/k"}),
    ),
    ("POST", "/b", "delete", b"", {}, "s3:DeleteObjects", {"bucket": "b"}),
    (
        *("GET", "/k", "", b"", {"HTTP_HOST": "bbb.s3.us-east-1.amazonaws.com"}),
        *("s3:GetObject", {"bucket": "bbb", "object": "bbb/k"}),
    ),
    (
        *("POST", "/", "", b"Action=PutRolePolicy&RoleName=r&PolicyName=p", {}),
        *("iam:PutRolePolicy", {"role": "r", "policy": "p"}),
    ),
    ("POST", "/", "", b"Action=GetCallerIdentity", {}, "sts:GetCallerIdentity", {}),
    (
        *("POST", "/", "", b'{"QueueUrl": "http://h/1/q"}'),
        {"HTTP_X_AMZ_TARGET": "AmazonSQS.GetQueueAttributes"},
        *("sqs:GetQueueAttributes", {"queue": "q"}),
    ),
    (
        *("POST", "/", "", b'{"logGroupName": "g"}'),
        {"HTTP_X_AMZ_TARGET": "Logs_20140328.CreateLogGroup"},
        *("logs:CreateLogGroup", {"log group": "g"}),
    ),
    (
        *("GET", "/2015-03-31/functions/f/configuration", "Qualifier=live", b"", {}),
        *("lambda:GetFunctionConfiguration", {"function": "f"}),
    ),
    ("GET", "/2015-03-31/functions/", "", b"", {}, "lambda:ListFunctions", {}),
    (
        *("GET", "/2015-03-31/functions/arn:aws:lambda:r:1:function:f:live", "", b"", {}),
        *("lambda:GetFunction", {"function": "f"}),
    ),
    (
        *("POST", "/2015-03-31/functions", ""),
        b'{"FunctionName": "f", "Role": "arn:aws:iam::1:role/a/r", '
        b'"Code": {"S3Bucket": "b", "S3Key": "k"}}',
        {},
        *("lambda:CreateFunction", {"function": "f", "role": "r", "object": "b/k"}),
    ),
    ("PATCH", "/b/k", "", b"", {}, "s3:", {}),
]


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "headers", "action", "names"),
    CALLS_READ,
    ids=[f"{one[5]}-{number}" for number, one in enumerate(CALLS_READ)],
)
def test_call_is_read_from_a_request(
    method: str,
    path: str,
    query: str,
    body: bytes,
    headers: dict[str, str],
    action: str,
    names: dict[str, str],
) -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_AUTHORIZATION": SIGNED.format(action.partition(":")[0]),
        **headers,
    }
    call = read_call(environ, body)
    assert (call.action, dict(call.names)) == (action, names)
    assert (call.region, call.access_key) == ("eu-west-1", "AKID")


def test_presigned_and_unsigned_calls_are_read() -> None:
    signed = "X-Amz-Credential=AKID%2F20261126%2Fus-east-1%2Fs3%2Faws4_request"
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/b/k", "QUERY_STRING": signed}
    call = read_call(environ, b"")
    assert (call.action, call.access_key) == ("s3:GetObject", "AKID")
    assert read_call({**environ, "QUERY_STRING": ""}, b"").access_key == ""


@pytest.mark.parametrize(
    ("service", "headers", "body"),
    [
        ("lambda", {"x-amzn-ErrorType": "Code"}, {"Type": "User", "message": "a <b>"}),
        (
            "sqs",
            {"x-amzn-query-error": "Code;Sender"},
            {"__type": "com.amazonaws.sqs#Code", "message": "a <b>"},
        ),
        ("logs", {}, {"__type": "Code", "message": "a <b>"}),
    ],
)
def test_errors_in_json_have_the_shape_of_the_service(
    service: str, headers: dict[str, str], body: dict[str, str]
) -> None:
    answer = make_error(Call(service, "Get"), 400, "Code", "a <b>")
    assert json.loads(answer.body) == body
    assert headers.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("service", ["s3", "iam", "sts"])
def test_errors_in_xml_are_escaped(service: str) -> None:
    answer = make_error(Call(service, "Get"), 400, "Code", "a <b>")
    assert b"<Code>Code</Code><Message>a &lt;b&gt;</Message>" in answer.body


@pytest.mark.parametrize("given", [["a", "b"], ["b", "a"], ["a", "b", "c"]])
def test_shuffled_list_is_in_another_order(given: list[str]) -> None:
    for seed in range(10):
        chance = Chance(seed)
        assert shuffle(given, lambda text, chance=chance: chance.fix("o", text)) != given  # type: ignore[misc]


def test_notification_is_reordered_everywhere() -> None:
    text = (
        b'<N xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><QueueConfiguration><Id>a</Id>'
        b"<Event>1</Event><Event>2</Event><Filter><S3Key>"
        b"<FilterRule><Name>prefix</Name><Value>x</Value></FilterRule>"
        b"<FilterRule><Name>suffix</Name><Value>y</Value></FilterRule></S3Key></Filter>"
        b"</QueueConfiguration></N>"
    )
    reordered = reorder_notification(text, lambda text: float(len(text)))
    assert reordered.partition(b"?>\n")[2] == (
        b'<N xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><QueueConfiguration><Id>a</Id>'
        b"<Event>2</Event><Event>1</Event><Filter><S3Key>"
        b"<FilterRule><Name>Suffix</Name><Value>y</Value></FilterRule>"
        b"<FilterRule><Name>Prefix</Name><Value>x</Value></FilterRule></S3Key></Filter>"
        b"</QueueConfiguration></N>"
    )


def test_tags_are_reordered() -> None:
    text = b"<T><TagSet><Tag><Key>a</Key></Tag><Tag><Key>b</Key></Tag></TagSet></T>"
    assert reorder_tags(text, lambda _text: 0.0).endswith(
        b"<T><TagSet><Tag><Key>b</Key></Tag><Tag><Key>a</Key></Tag></TagSet></T>"
    )


@pytest.mark.parametrize("entry", [*REFUSALS, *THROTTLED.values(), *FAILED.values(), *STALE_READS])
def test_every_entry_cites_its_source(entry: Any) -> None:
    assert entry.source.startswith(("https://docs.aws.amazon.com/", "https://github.com/"))


def list_actions(entry: Any) -> set[str]:
    """List the calls that an entry names."""
    calls = [entry.after, getattr(entry, "refused", ()), {getattr(entry, "read", "")}]
    return {action for part in calls for action in part if action}


@pytest.mark.parametrize("service", ["s3", "iam", "lambda", "sqs"])
def test_every_call_in_the_tables_exists(service: str) -> None:
    named = set[str]().union(*(list_actions(entry) for entry in (*REFUSALS, *STALE_READS)))
    model = Loader().load_service_model(service, "service-2")
    operations = {f"{service}:{name}" for name in model["operations"]}
    assert {action for action in named if action.startswith(f"{service}:")} <= operations
    assert {action.partition(":")[0] for action in named} == {"s3", "iam", "lambda", "sqs"}


def test_refusals_end_within_a_minute_and_a_half() -> None:
    assert max(refusal.seconds[1] for refusal in REFUSALS) == 90
    assert max(stale.seconds[1] for stale in STALE_READS) == 60


@pytest.mark.parametrize("seed", range(20))
def test_timed_spell_ends_and_stays_away_for_a_while(seed: int) -> None:
    spells = Spells(KINDS, Chance(seed))
    call = Call("lambda", "GetFunction", {"function": "f"})
    hits = [spells.hit(call, float(second)) for second in range(900)]
    runs = "".join("x" if hit else "." for hit in hits).split(".")
    longest = max(len(run) for run in runs)
    assert 1 <= longest <= SECONDS["throttle"][1] + 1
    assert hits.count(None) > 850


@pytest.mark.parametrize("seed", range(20))
def test_counted_spell_ends_before_clients_give_up(seed: int) -> None:
    spells = Spells(KINDS, Chance(seed))
    put = Call("s3", "PutObject", {"bucket": "b", "object": "b/k"})
    runs = "".join("x" if spells.hit(put, 0) else "." for _ in range(500)).split(".")
    assert 1 <= max(len(run) for run in runs) <= CALLS


def test_reads_of_an_object_fail_for_long_once_at_most() -> None:
    longest = []
    for number in range(200):
        spells = Spells(KINDS, Chance(number))
        get = Call("s3", "GetObject", {"bucket": "b", "object": "b/k"})
        runs = "".join("x" if spells.hit(get, 0) else "." for _ in range(500)).split(".")
        longest.append(Counter(len(run) for run in runs)[LONG_CALLS])
    assert set(longest) == {0, 1}


def test_deliveries_are_late_doubled_and_bounded() -> None:
    chance = Chance(0)
    plans = [plan_delivery(chance, "b", f"{number}.jpg", number) for number in range(1000)]
    least, most = FIRST_SECONDS
    assert all(least <= plan.delays[0] <= most for plan in plans[:FIRST_EVENTS])
    later = plans[FIRST_EVENTS:]
    assert 0.6 < sum(plan.delays[0] == 0 for plan in later) / len(later) < 0.8
    assert 0.1 < sum(len(plan.delays) == 2 for plan in later) / len(later) < 0.2
    assert LOST_SECONDS[0] < max(plan.delays[0] for plan in later) <= LOST_SECONDS[1]
    assert all(bool(plan.note) == (plan.delays != (0.0,)) for plan in plans)


def test_seed_decides_the_same_whatever_the_order_of_threads() -> None:
    calls = [
        Call("s3", "PutObject", {"bucket": "b", "object": f"b/{number}"})
        for number in range(50)
        for _ in range(4)
    ]

    def decide(seed: int, mix: int | None, threads: int) -> dict[str, list[Any]]:
        weather, met = (
            Weather(ALL, seed, lambda: 0.0, lambda _seconds: None),
            dict[str, list[Any]](),
        )
        groups: dict[str, list[Call]] = {}
        for call in calls:
            groups.setdefault(call.subject, []).append(call)
        subjects = list(groups)
        if mix is not None:
            random.Random(mix).shuffle(subjects)

        def make(subject: str) -> None:
            met[subject] = [_describe(weather.meet(call)) for call in groups[subject]]

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(make, subjects))
        return met

    first = decide(0, None, 1)
    assert decide(0, 1, 8) == first
    assert decide(1, None, 1) != first


def _describe(met: Any) -> Any:
    return met if met is None or isinstance(met, Reset) else met.status


def test_new_policy_is_not_known_to_s3_at_once() -> None:
    grants = Grants(Chance(0))
    own, theirs = (
        Call("s3", "PutObject", {"bucket": "b", "object": "b/k"}, access_key=key)
        for key in ("ASIAFUNCTION", "AKIAUSER")
    )
    assert not grants.denies(own, 0)
    grants.note(Call("iam", "PutRolePolicy", {"role": "r"}), 0)
    assert (grants.denies(own, 1), grants.denies(theirs, 1)) == (True, False)
    assert not grants.denies(own, SPREAD_SECONDS[1])
    grants.note(own, SPREAD_SECONDS[1])
    grants.note(Call("iam", "PutRolePolicy", {"role": "r"}), 100)
    assert not grants.denies(own, 101)
    assert grants.denies(Call("s3", "PutObject", {"bucket": "new"}, access_key="ASIAX"), 101)


def test_function_is_killed_in_first_attempts_only() -> None:
    weather = Weather(frozenset({"faults"}), 0, lambda: 0.0)
    payloads = [
        json.dumps({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": str(key)}}}]})
        for key in range(200)
    ]
    first = [weather.find_kill_seconds(payload.encode(), 1) for payload in payloads]
    later = [weather.find_kill_seconds(payload.encode(), 2) for payload in payloads]
    assert 10 < sum(seconds is not None for seconds in first) < 60
    assert set(later) == {None}


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_do_not_happen(kind: Kind) -> None:
    seen = list[str]()
    now = 0.0
    weather = Weather(
        frozenset({kind}),
        0,
        lambda: now,
        lambda _seconds: None,
        lambda incident: seen.append(incident.kind),
    )
    for number in range(300):
        now += 1
        for call in (
            Call("iam", "CreateRole", {"role": "r"}),
            Call("lambda", "CreateFunction", {"function": "f", "role": "r"}),
            Call("s3", "PutObject", {"bucket": "b", "object": f"b/{number}"}),
        ):
            if weather.meet(call) is None:
                weather.note(call, {})
        payload = {"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}}]}
        weather.plan_event(json.dumps(payload).encode())
    assert set(seen) <= {kind}
    assert bool(seen) == (kind in {"newborn", "slow", "throttle", "faults"})
    assert set(weather.counts) == {kind}
