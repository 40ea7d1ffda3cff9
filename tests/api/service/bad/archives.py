"""Bad zip archives: cases to be imported, and schedules."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping

from api.bodies import ZIP
from scheduler.domain.schedule import TERMS
from scheduler.intake.tables import config_toml
from tests.api.service.bad.cases import Bad, Place
from tests.api.service.bad.tables import FORMULAS
from tests.api.service.bad.workbooks import MB, lying
from tests.api.service.world import HORIZON
from tests.scheduler.intake.small_case import config, csv_text, tables

Files = Mapping[str, bytes]


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def small_case() -> dict[str, bytes]:
    """Return the files of a sound case."""
    return {
        "case.toml": config_toml(config()).encode(),
        **{f"{n}.csv": csv_text(t).encode() for n, t in tables().items()},
    }


def bad_archives(files: Files) -> Mapping[str, Callable[[], bytes]]:
    """Return functions that make archives which nobody may unpack, by name.

    Parameters
    ----------
    files : a sound content; the first of them is what is tampered with.
    """
    name, content = next(iter(files.items()))
    rest = {n: c for n, c in files.items() if n != name}

    def renamed(other: str) -> Callable[[], bytes]:
        return lambda: zipped({other: content, **rest})

    paths = {
        "a path upwards": f"../{name}",
        "a path upwards further in": f"a/../../{name}",
        "a path from the root": f"/tmp/{name}",
        "a path from the root by backslash": f"\\tmp\\{name}",
        "a path upwards by backslashes": f"..\\{name}",
        "a path upwards by both": f"a/..\\..\\{name}",
        "a drive": f"C:\\{name}",
        "a drive and a slash": f"c:/{name}",
        "a share": f"\\\\server\\share\\{name}",
        "a name of 300 characters": f"{'x' * 300}.csv",
        "a name of 65,000 characters": f"{'x' * 65_000}.csv",
        "two dots": "..",
    }
    whole = zipped(files)
    return {
        "nothing in it": lambda: zipped({}),
        "folders in it": lambda: zipped({"a/": b"", "b/": b""}),
        "hidden files in it": lambda: zipped({".case.toml": b"x", "__MACOSX/case.toml": b"x"}),
        "no archive": lambda: b"PK\x03\x04 nothing of the kind",
        "half of one": lambda: whole[: len(whole) // 2],
        "its last bytes missing": lambda: whole[:-10],
        "a directory without files": lambda: whole[whole.rindex(b"PK\x01\x02") :],
        "bytes changed": lambda: _damaged(files, name),
        "another check sum": lambda: _lying(files, name, len(content), 1),
        "a stated size that is too small": lambda: _lying(files, name, 1),
        "a stated size that is too small, with its check sum": lambda: _lying(files, name, 1, zlib.crc32(content[:1])),
        "a stated size that is too large": lambda: _lying(files, name, len(content) + 1000),
        "a stated size of 4 GB": lambda: _lying(files, name, 0xFFFFFFF0),
        "a file of 200 MB": lambda: zipped({name: bytes(200 * MB), **rest}),
        "a file of 200 MB that says it is short": lambda: _lying({name: bytes(200 * MB), **rest}, name, 1 << 10),
        "files of 3 GB, each well packed": lambda: _often(rest, name, 100, 32 * MB),
        "10,000 files": lambda: zipped({**files, **{f"{n}.csv": b"" for n in range(10_000)}}),
        "10,000 folders": lambda: zipped({f"{n}/": b"" for n in range(10_000)}),
        "an archive in it": lambda: zipped({"case.zip": whole}),
        "archives in archives": _nested,
        "a file twice": lambda: _again(files, name),
        "two files of one name": lambda: zipped({**files, f"a/{name}": content, f"b/{name}": content}),
        "a link": lambda: _link(files, "/etc/passwd"),
        "a link within": lambda: _link(files, name),
        "encrypted": lambda: _flagged(files, 1),
        "packed by bzip2": lambda: zipped(files, zipfile.ZIP_BZIP2),
        "packed by LZMA": lambda: zipped(files, zipfile.ZIP_LZMA),
        "LZMA that asks for 4 GB": lambda: _hungry(files),
        "packed by nobody knows what": lambda: _packed_by(files, 99),
        **{what: renamed(path) for what, path in paths.items()},
    }


def _damaged(files: Files, name: str) -> bytes:
    data = bytearray(zipped(files))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        start = archive.getinfo(name).header_offset + 30 + len(name)
    data[start : start + 20] = b"\xff" * 20
    return bytes(data)


def _lying(files: Files, name: str, size: int, crc: int | None = None) -> bytes:
    data = zipped(files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo(name)
    return lying(data, info, size, crc)


def _often(rest: Files, name: str, times: int, size: int) -> bytes:
    """Return an archive of many entries that all have the packed bytes of the first."""
    block = bytes(range(256)) * 4  # packs about as well as a table does
    one = zipped({name: block * (size // len(block))})
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        info = archive.getinfo(name)
    directory = one.index(b"PK\x01\x02")
    entry = one[directory : one.rindex(b"PK\x05\x06")]
    many = b"".join(entry.replace(name.encode(), f"{n:0{len(name)}d}".encode()) for n in range(times))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(many), directory, 0)
    assert info.header_offset == 0
    return one[:directory] + many + end


def _nested() -> bytes:
    data = zipped({"0": bytes(10 * MB)})
    for depth in range(6):
        data = zipped({f"{depth}-{n}.zip": data for n in range(10)})
    return data


def _again(files: Files, name: str) -> bytes:
    other = name[:-1] + "~"
    return zipped({**files, other: b"x"}).replace(other.encode(), name.encode())


def _link(files: Files, target: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        info = zipfile.ZipInfo("history2.csv")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, target)
    return data.getvalue()


def _flagged(files: Files, flag: int) -> bytes:
    data = bytearray(zipped(files))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= flag
    return bytes(data)


def _packed_by(files: Files, method: int) -> bytes:
    data = bytearray(zipped(files))
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(mark) + place, method)
    return bytes(data)


def _hungry(files: Files) -> bytes:
    """Return an archive whose first file says that unpacking it takes a dictionary of 4 GB."""
    data = bytearray(zipped(files, zipfile.ZIP_LZMA))
    name = next(iter(files))
    properties = 30 + len(name) + 4
    struct.pack_into("<I", data, properties + 1, 0xFFFFFFFF)
    return bytes(data)


def _case(name: str, content: bytes | Callable[[], bytes], place: Place | None = None, **params: str) -> Bad:
    params = {"horizon_id": "2027Q1", **params}
    return Bad(
        name=f"case: {name}", url="/imports", params=params, content=content, headers={"Content-Type": ZIP}, place=place
    )


def cases() -> Iterator[Bad]:
    """Yield whole cases to be imported."""
    good = small_case()
    for name, make in bad_archives(good).items():
        yield _case(name, make)
    for part in good:
        if part.removesuffix(".csv") not in ("history", "quiet", "pins", "preferred_pins"):
            without = {n: c for n, c in good.items() if n != part}
            yield _case(f"no {part}", zipped(without), (part.split(".")[0], None, None))
        yield _case(f"{part} empty", zipped({**good, part: b""}))
        yield _case(f"{part} in UTF-16", zipped({**good, part: good[part].decode().encode("utf-16")}))
        yield _case(f"{part} with NUL", zipped({**good, part: good[part] + b"\0"}))
    yield from _formulas()
    yield from _configurations()
    for horizon_id in ("=1+1", "@x", "a;b", "a b/c", "x" * 101, "", "a\nb"):
        yield _case(f"a horizon called {horizon_id[:20]!r}", zipped(good), horizon_id=horizon_id)
    yield _case("approve of text", zipped(good), approve="maybe")
    yield _case("a table besides", zipped(good), table="districts")
    yield _case("a table unknown", zipped(good), table="secrets")


_TEXTS = {
    "streets": ("street_id", "name", "district_id"),
    "authorities": ("authority_id", "name"),
    "enterprises": ("enterprise_id", "name", "industry"),
    "items": ("item_id", "item_code", "legal_basis"),
    "history": ("visit_id",),
}
"""Columns of text by table."""


def _formulas() -> Iterator[Bad]:
    good = small_case()
    for table, columns in _TEXTS.items():
        for column in columns:
            formula = FORMULAS[len(column) % len(FORMULAS)]
            rows = tables()[table]
            rows[column][-1] = formula
            files = {**good, f"{table}.csv": csv_text(rows).encode()}
            # Of an id that others refer to, it is their references that are told.
            place = None if column.endswith("_id") else (table, len(rows[column]) + 1, column)
            yield _case(f"{table}.{column} = {formula!r}", zipped(files), place)


def _configurations() -> Iterator[Bad]:
    good = small_case()
    texts = {
        "no TOML": b"[horizon\n",
        "a key twice": b'format = "onevisit-case/1"\nformat = "onevisit-case/1"\n',
        "lists in lists": b"a = " + b"[" * 100_000,
        "a number of 6000 digits": b"a = " + b"9" * 6000,
        "another format": good["case.toml"].replace(b"onevisit-case/1", b"onevisit-case/9"),
        "a date that is none": good["case.toml"].replace(b"2026-11-30", b"2026-11-31"),
        "a shift twice": good["case.toml"].replace(b'"PM"', b'"AM"'),
    }
    for name, text in texts.items():
        yield _case(f"configuration: {name}", zipped({**good, "case.toml": text}))
    crews = b"authority_id,area_id,crews\nFIRE,S1,1\nMKT,*,1\n"
    for name, change in {
        "a shift that is a formula": {"shift": [{"id": "=1+1", "start": "09:00", "end": "12:00"}]},
        "a shift with a list separator": {"shift": [{"id": "A;B", "start": "09:00", "end": "12:00"}]},
        "a name that is a formula": {"name": "=1+1"},
        "a priority that is a formula": {"priority": {"=1+1": 1, "mandatory": 1, "high": 1, "normal": 1}},
        "infinite speed": {"travel": {"speed_kmh": float("inf")}},
        "no number for a speed": {"travel": {"speed_kmh": float("nan")}},
        "a horizon of a thousand years": {"horizon": {"start": "2026-10-12", "end": "3026-10-12"}},
        "a cap beyond 64 bits": {"cap": [{"scope": "enterprise", "period": "year", "max_visits": 2**70}]},
    }.items():
        files = {**good, "case.toml": config_toml({**config(), **change}).encode()}
        if "shift" in change:
            files |= {"crews.csv": crews, "pins.csv": b"enterprise_id,date\n"}
        yield _case(f"configuration: {name}", zipped(files))


SCHEDULE = {
    "visits.csv": b"visit_id,enterprise_id,street_id,date,shift_id,start,end,authority_ids,item_ids\n"
    b"V1,E1,S1,2026-10-12,AM,09:00,09:30,A1,X1\n",
    "crew_shifts.csv": b"crew_id,authority_id,street_id,date,shift_id,depart,return,travel_min\n"
    b"C1,A1,S1,2026-10-12,AM,09:00,10:00,10\n",
    "stops.csv": b"crew_id,seq,visit_id,arrive,start,leave\nC1,1,V1,09:00,09:00,09:30\n",
    "unserved.csv": b"item_id,reasons,explanation,cheapest_relaxation\nX2,capacity,x,y\n",
    "summary.json": json.dumps({"terms": dict.fromkeys(TERMS, 0), "bounds": dict.fromkeys(TERMS)}).encode(),
}
"""A schedule as another writer may bring it."""


def _schedule(name: str, content: bytes | Callable[[], bytes], place: Place | None = None) -> Bad:
    params = {"horizon_id": HORIZON, "area_id": "S1"}
    return Bad(
        name=f"schedule: {name}", url="/schedules", params=params, content=content, headers={"Content-Type": ZIP},
        status=422, place=place,
    )  # fmt: skip


def schedules() -> Iterator[Bad]:
    """Yield schedules that are brought to be judged."""
    for name, make in bad_archives(SCHEDULE).items():
        yield _schedule(name, make)
    for part in SCHEDULE:
        table = part.split(".")[0]
        yield _schedule(f"no {part}", zipped({n: c for n, c in SCHEDULE.items() if n != part}), (table, None, None))
        for name, content in (
            ("empty", b""),
            ("of NUL", b"\0\0"),
            ("of text", b"hello"),
            ("of bytes", b"\xff\xfe\xff"),
        ):
            yield _schedule(f"{part} {name}", zipped({**SCHEDULE, part: content}))
    for part, old, new, row, column in (
        ("visits.csv", b"2026-10-12", b"2026-10-32", 2, "date"),
        ("visits.csv", b"09:00", b"25:61", 2, "start"),
        ("visits.csv", b"V1,", b",", 2, "visit_id"),
        ("crew_shifts.csv", b",10\n", b",-10\n", 2, "travel_min"),
        ("crew_shifts.csv", b",10\n", b"," + b"9" * 400 + b"\n", 2, "travel_min"),
        ("stops.csv", b"C1,1", b"C1,x", 2, "seq"),
        ("stops.csv", b"C1,1", b"C9,1", 2, "crew_id"),
        ("unserved.csv", b"X2,capacity", b"X2,", 2, "reasons"),
        ("unserved.csv", b"X2,capacity,x,y\n", b"X2,capacity,x,y\n" * 2, 3, "item_id"),
    ):
        files = {**SCHEDULE, part: SCHEDULE[part].replace(old, new)}
        yield _schedule(f"{part}: {old!r} → {new[:20]!r}", zipped(files), (part.split(".")[0], row, column))
    for name, text in {
        "NaN": b'{"terms": NaN}',
        "lists in lists": b"[" * 200_000,
        "no terms": b"{}",
        "terms of text": b'{"terms": {"unserved_weight": "0"}}',
        "a number beyond all": SCHEDULE["summary.json"].replace(b": 0", b": 1e999"),
        "a number of 5000 digits": SCHEDULE["summary.json"].replace(b": 0", b": " + b"9" * 5000),
    }.items():
        yield _schedule(f"summary of {name}", zipped({**SCHEDULE, "summary.json": text}))
    yield from _written_formulas()


def _written_formulas() -> Iterator[Bad]:
    for part, old, column in (
        ("visits.csv", b"V1", "visit_id"),
        ("visits.csv", b"E1", "enterprise_id"),
        ("visits.csv", b"AM", "shift_id"),
        ("visits.csv", b"A1", "authority_ids"),
        ("visits.csv", b"X1", "item_ids"),
        ("crew_shifts.csv", b"C1", "crew_id"),
        ("unserved.csv", b"X2", "item_id"),
        ("unserved.csv", b"capacity", "reasons"),
        ("unserved.csv", b",x,", "explanation"),
        ("unserved.csv", b",y\n", "cheapest_relaxation"),
    ):
        new = old.replace(old.strip(b",\n"), b"=1+1")
        both = column in ("visit_id", "crew_id")
        every = {n: c.replace(old, new) if both or n == part else c for n, c in SCHEDULE.items()}
        yield _schedule(f"{column} = '=1+1'", zipped(every))
