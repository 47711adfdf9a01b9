"""Owns `python -m benchmarks.emulator`: what the emulator does under load, and how fast it is.

python -m benchmarks.emulator [--photos 500] [--runs 5] [--ministack]

Puts photos as fast as boto3 can from ten threads: some fail at first, some always, some are larger
than 8 MB and go in parts, some have odd keys. Every photo must end as its mosaics or as one record
in the failure queue. Plain moto, which runs nothing, is measured in the same run, and with
--ministack a ministack, which is installed in a virtual environment of its own.
`python -m benchmarks.rivals` measures both, and LocalStack, side by side.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median

from benchmarks.load import Upload, make_uploads, measure_load, put_all, show_latencies
from benchmarks.servers import Target, serve_other, watch_memory
from pixelater_cli.aws.package import builder
from pixelater_cli.aws.session import Account, connect
from pixelater_cli.emulator.lambda_service.environment_pool import EmulatorSettings
from pixelater_cli.emulator.lambda_service.models import EventReport
from pixelater_cli.emulator.moto_adapter import server
from pixelater_cli.emulator.pipeline import start_emulator


def main() -> None:
    """Measure, print, and fail if a photo was lost or told twice."""
    options = read_options()
    uploads = make_uploads(options.photos)
    with server.serve() as url:
        account = connect(None, None, url, time.sleep)
        account.clients["s3"].create_bucket(Bucket="pixelater-source-bucket")
        show_latencies("put to plain moto", put_all(url, uploads))
    sound = measure_ours(uploads, options)
    if options.ministack:
        with serve_other() as target:
            measure_load(target, uploads, "ministack")
    sys.exit(0 if sound else 1)


def measure_ours(uploads: list[Upload], options: argparse.Namespace) -> bool:
    """Measure our own emulator; tell whether nothing was lost and no process is left."""
    reports: list[EventReport] = []
    settings = EmulatorSettings(time_scale=options.time_scale)
    with start_emulator(settings, reports.append) as emulator, watch_memory() as used:
        account = connect(None, None, emulator.endpoint_url, time.sleep)
        target = Target(account, builder.gather_for_emulator())
        sound = measure_load(target, uploads, "our emulator", lambda: emulator.functions.pending)
        processes = emulator.functions.processes
        print(f"this process grew to {max(used):.0f} MB; environments: {len(processes)}")
        measure_overhead(account, options.runs)
    left = [one for one in processes if Path(f"/proc/{one}").exists()]
    print(f"processes left: {len(left)}; reports: {Counter(one.result for one in reports)}")
    return sound and not left


def measure_overhead(account: Account, runs: int) -> None:
    """Time what the emulator adds to a function that does nothing, warm."""
    functions = account.clients["lambda"]
    role = account.clients["iam"].get_role(RoleName=f"pixelater-function-{account.region}")
    code = builder.pack(
        builder.Contents("", {"app.py": b"def handle(event, context): return None\n"})
    ).data
    functions.create_function(
        FunctionName="nothing",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="app.handle",
        Code={"ZipFile": code},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="nothing")
    functions.invoke(FunctionName="nothing")
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        functions.invoke(FunctionName="nothing")
        times.append((time.perf_counter() - began) * 1000)
    dry = []
    for _ in range(runs):
        began = time.perf_counter()
        functions.invoke(FunctionName="nothing", InvocationType="DryRun")
        dry.append((time.perf_counter() - began) * 1000)
    print(
        f"an event of a function that does nothing: {median(times) - median(dry):.1f} ms more than "
        f"a dry run, which is {median(dry):.1f} ms of HTTP and moto"
    )


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emulator")
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument(
        "--runs", type=int, default=50, help="events of a function that does nothing"
    )
    parser.add_argument("--time-scale", type=float, default=60.0, help="AWS's seconds in one")
    parser.add_argument("--ministack", action="store_true", help="measure a ministack, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
