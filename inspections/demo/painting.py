"""Draws the photos of scripts in other processes, ahead of who plays them. Pure: no Django."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

from inspections.demo.pictures import PictureMaker
from inspections.demo.scripts import Script

PAINTERS = 2

_maker: PictureMaker | None = None


def painted(scripts: list[Script], pictures: Path) -> Iterator[tuple[Script, list[bytes]]]:
    """Each script with its pictures; other processes draw ahead while this one plays."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(PAINTERS, initializer=_open_maker, initargs=(pictures,)) as pool:
        yield from zip(scripts, pool.imap(_paint, scripts, chunksize=4), strict=True)


def _open_maker(pictures: Path) -> None:
    global _maker
    _maker = PictureMaker(pictures)


def _paint(script: Script) -> list[bytes]:
    assert _maker is not None
    story = script.story
    shop = _maker.shop_name(story.problem.scene, story.index)
    caption = f"{story.road} {story.door} 号 {shop or ''}".strip()
    return [
        _maker.make(
            story.problem.scene,
            shot.stage,
            story.index,
            number,
            shot.taken_at,
            story.lon,
            story.lat,
            caption,
            distance=shot.distance,
        )
        for number, shot in enumerate(shot for act in script.acts for shot in act.shots)
    ]
