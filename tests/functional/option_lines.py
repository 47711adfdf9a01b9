"""A command line of each command with its options, which test_options.py runs."""

from __future__ import annotations

AT = ["--stack", "opt", "--plain-names", "--profile", "work", "--region", "eu-west-1"]
AT += ["--trust-config"]
LOUD = ["--quiet", "--verbose"]
LIMITS = ["--max-pixels", "1000000", "--max-seconds", "9", "--max-memory", "300"]
LIMITS += ["--max-written", "9"]
LOOK = [
    *(
        "--preset",
        "preview",
        "--grids",
        "8",
        "--cells",
        "square",
        "--size",
        "x2",
        "--format",
        "png",
    ),
    *("--palette", "gameboy", "--dither", "bayer4", "--dither-strength", ".5"),
    *(
        "--tone",
        "keep",
        "--kernel",
        "crisp",
        "--quality",
        "80",
        "--optimize",
        "--background",
        "black",
    ),
    "--exact",
]
CELLS = ["--cell-size", "8", "--no-optimize", "--no-exact", "--no-trim", "--no-outline", "--no-pot"]
DOCUMENTED = [*LOOK, "--placeholders"]
SPRITE = ["--alpha-threshold", "0.5", "--trim", "--outline", "--outline-color", "white", "--pot"]

RUN = [
    *("run", "photo.jpg", "--out", "made", "--name", "{stem}-{grid}{suffix}", *LOOK, *LIMITS),
    *("--jobs", "1", "--force", "--sheet", "sheet.png", "--html", "page.html", "--json", *LOUD),
]
PREVIEW = [
    *("preview", "photo.jpg", "--budget", "150", "--out", "previews.json", "--force", "--json"),
    *("--max-pixels", "1000000", "--max-seconds", "9", "--max-memory", "300", "--jobs", "1", *LOUD),
]
FROM_STACK = ["preview", "--from-stack", "--prefix", "in/", *AT, "--json"]
AS_HTML = ["preview", "photo.jpg", "--as", "html"]
MODELS = ["models", "list", "faces", "--json", *LOUD]
RUN_CELLS = ["run", "photo.jpg", *CELLS]
REGIONS = [
    *("run", "photo.jpg", "--region", "1,1,9,9", "--regions", "regions.json", "--pad", "2"),
    *("--ellipse", "--invert", "--solid", "--solid-color", "red", "--copy-unchanged"),
    *("--region-cells", "4"),
]
FOUND = [
    "run",
    "photo.jpg",
    "--only",
    "faces",
    "--thorough",
    "--threshold",
    "0.5",
    "--audio",
    "drop",
]
RUN_SPRITE = ["run", "photo.jpg", "--size", "x2", *SPRITE, "--mipmaps"]
RUN_SHEET = ["run", "photo.jpg", "--size", "x2", "--spritesheet", "sprites.png"]
RUN_SHEET += ["--sheet-json", "array", "--extrude", "1", "--padding", "2"]
RUN_TEXTURE = ["run", "photo.jpg", "--ktx2"]
SHOW = ["run", "photo.jpg", "--show", "--grids", "8"]
CHECKED = ["run", "photo.jpg", "--check-faces"]
BROWSERS = ["--cors", "https://example.com", "--cache-control", "max-age=60"]
EMULATE = ["emulate", "photo.jpg", "--out", "emulated", *BROWSERS, *LIMITS, "--json", *LOUD]
SERVE = ["--host", "127.0.0.1", "--persist", "kept", "--watch", "--time-scale", "10"]
SERVE += ["--enforce-iam", "--weather", "order", "--weather-seed", "1"]
SERVE_THERE = ["emulate", "--json", "--stack", "there", "--profile", "work"]
SERVE_THERE += ["--region", "eu-west-1", "--endpoint-url"]
SERVE_BACKEND = ["emulate", "photo.jpg", "--backend", "ministack"]
SERVE_AWS = ["emulate", "--endpoint-url", "https://s3.amazonaws.com", "--yes-real-aws"]
DEPLOY = [
    *("deploy", "--source-bucket", "theirs", "--destination-bucket", "ours", "--prefix", "in/"),
    *("--suffix", ".jpg", "--grids", "8,16", "--memory", "512", *LIMITS),
    *("--concurrency", "2", "--log-days", "7", "--runtime", "python3.13"),
    *("--architecture", "x86_64", "--mirror-deletes", "--no-smoke-test", "--yes", "--json"),
    *("--kms-key", "alias/photos", "--tag", "team=imaging", "--role-path", "/team/"),
    *("--permissions-boundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    *("--cache-control", "no-cache", *LOUD, *AT),
]
DEPLOY_PLAN = ["deploy", "--plan", "--smoke-test", "--keep-mosaics", *BROWSERS, *AT]
FUNCTION_ROLE = "arn:aws:iam::123456789012:role/theirs"
POLICY = ["deploy", "--print-policy", "operator", "--function-role", FUNCTION_ROLE, *AT]
PUSH = [
    *("push", "photo.jpg", "--key-prefix", "in/", "--wait", "--out", "fetched"),
    *("--timeout", "0.1", "--json", *LOUD, *AT),
]
STATUS = ["status", "--json", *LOUD, *AT]
LOGS = ["logs", "--since", "2h", "--errors", "--json", *LOUD, *AT]
FOLLOW = ["logs", "--follow", *AT]
FAILURES = ["failures", "list", "--limit", "5", "--json", *LOUD, *AT]
DROP = ["failures", "drop", "--yes", *AT]
BACKFILL = [
    *("backfill", "--prefix", "in/", "--plan", "--rate", "5", "--start-after", "in/a"),
    *("--via", "invoke", "--all", "--json", *LOUD, *AT),
]
ROLE = "arn:aws:iam::123456789012:role/job"
JOB = ["backfill", "--via", "s3-batch", "--role", ROLE, "--dry-run", *AT]
REFRESH = ["backfill", "--refresh-metadata", "--plan", "--json", *AT]
TAKE_OVER = ["backfill", "--take-over", "3f9a52c1d0b7e684", "--plan", "--json", *AT]
ROLLBACK = ["rollback", "--to", "9", "--json", *LOUD, *AT]
DESTROY_PLAN = ["destroy", "--plan", *AT]
DESTROY = ["destroy", "--purge", "--yes", "--json", *LOUD, *AT]
PACKAGE = [
    *("package", "--out", "function.zip", "--runtime", "python3.13"),
    *("--architecture", "x86_64", "--only", "none", "--json", *LOUD),
]
PALETTE = [
    *("palette", "extract", "photo.jpg", "--colors", "4", "--out", "mine.hex", "--force"),
    *("--json", *LOUD),
]
DOCTOR = ["doctor", "--profile", "work", "--region", "eu-west-1", "--json", *LOUD]
DOCTOR += ["--trust-config"]

STACK_LOOKS = [
    [*command, *look]
    for command in (["emulate", "photo.jpg"], ["deploy", "--plan"])
    for look in (DOCUMENTED, [*CELLS, "--no-placeholders"], ["--size", "native", *SPRITE])
]

HIDDEN = [
    *("--only", "faces", "--detector", "rekognition", "--threshold", ".5", "--thorough"),
    *("--region-cells", "4", "--solid", "--solid-color", "red"),
]
SHOWN = ["--only", "none", "--no-thorough", "--no-solid"]
STACK_REGIONS = [
    [*command, *look]
    for command in (["emulate", "photo.jpg"], ["deploy", "--plan"])
    for look in (HIDDEN, SHOWN)
]
"""What test_hidden_options.py, and where models are installed, test_hidden_photos.py run."""

PRESETS = ["presets", "preview", "--json", *LOUD]

DRY = [
    ["deploy", "--dry-run", *AT],
    ["destroy", "--dry-run", *AT],
    ["run", "photo.jpg", "--plan"],
    ["run", "photo.jpg", "--dry-run"],
]

LINES = [
    PRESETS,
    *DRY,
    *(REGIONS, FOUND, CHECKED, FROM_STACK),
    *(*STACK_LOOKS, *STACK_REGIONS, RUN_CELLS, RUN_SPRITE, RUN_SHEET, RUN_TEXTURE),
    *(PREVIEW, AS_HTML, MODELS),
    *(RUN, SHOW, EMULATE, ["emulate", "--port", "0", "--json", *SERVE], SERVE_THERE),
    *(SERVE_BACKEND, SERVE_AWS, DEPLOY, DEPLOY_PLAN, POLICY, PUSH, STATUS, LOGS, FOLLOW),
    *(
        FAILURES,
        DROP,
        BACKFILL,
        JOB,
        REFRESH,
        TAKE_OVER,
        ROLLBACK,
        DESTROY_PLAN,
        DESTROY,
        PACKAGE,
        PALETTE,
        DOCTOR,
    ),
]
"""Of commands that sign in, `--endpoint-url` comes last, and the test puts the address after it."""
