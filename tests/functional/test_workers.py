"""Many photos at once: worker processes, their order, and one that dies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pixelater import Style
from pixelater_cli.local.workers import Job, JobResult, run_all, run_jobs
from tests.pictures import encode, make_scene


def tell_process(path: Path) -> JobResult:
    """Say which process works on a path; die of one that is called so."""
    if path.name == "deadly":
        os._exit(9)
    return JobResult(error=f"{path} {os.getpid()}")


def list_paths(made: list[JobResult]) -> list[str]:
    return [one.error.rpartition(" ")[0] for one in made]


@pytest.mark.parametrize(("number", "elsewhere"), [(1, False), (3, False), (4, True), (30, True)])
def test_from_four_photos_on_the_work_is_done_in_other_processes(
    number: int, elsewhere: bool
) -> None:
    paths = [Path(str(n)) for n in range(number)]
    made = list(run_all(paths, tell_process, 2))
    assert list_paths(made) == [str(path) for path in paths]
    processes = {one.error.rpartition(" ")[2] for one in made}
    assert (str(os.getpid()) not in processes) is elsewhere
    assert len(processes) <= (2 if elsewhere else 1)


def test_a_process_that_dies_of_a_photo_takes_no_other_down_with_it() -> None:
    paths = [Path(name) for name in ("a", "b", "deadly", "c", "d", "e")]
    made = list(run_all(paths, tell_process, 2))
    assert [one.error.partition(" ")[0] for one in made] == ["a", "b", "the", "c", "d", "e"]
    assert made[2] == JobResult(
        error="the worker process crashed while decoding it (out of memory, or a bug)",
        hint="Process fewer photos at the same time: --jobs 1",
    )


def test_processes_make_what_this_one_makes(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.jpg" for n in range(5)]
    for n, path in enumerate(paths):
        path.write_bytes(encode(make_scene((100 + n, 80)), "JPEG"))
    paths[3].write_text("no photo")
    order = Job((8, 16), Style("png"))
    alone, together = (list(run_jobs(paths, order, jobs)) for jobs in (1, 2))
    assert alone == together
    assert [bool(one.error) for one in alone] == [False, False, False, True, False]
