#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves the house rules that a compiler does not: layers, banned calls, file length, one table view.

Exit 1 with one line per finding. With --self-test it checks that each rule can fail.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# folder -> folders of ours it may include (longest prefix wins). architecture.md, "Layers".
ENGINE_ALL = ["engine/"]
LAYERS = {
    "app/": ["app/", "ui/", "models/", "engine/"],
    "ui/": ["resources/", "ui/", "models/", "engine/api/", "engine/base/"],
    "models/": ["models/", "engine/api/", "engine/base/"],
    "engine/base/": ["engine/base/"],
    "engine/io/": ["engine/io/", "engine/base/"],
    "engine/api/": ["engine/api/", "engine/base/"],
    "engine/protocol/": ["engine/protocol/", "engine/base/"],
    "engine/storage/": ["engine/storage/", "engine/protocol/", "engine/io/", "engine/base/"],
    "engine/metadata/": ["engine/metadata/", "engine/protocol/", "engine/base/"],
    "engine/quorum/": ["engine/quorum/", "engine/metadata/", "engine/storage/", "engine/protocol/", "engine/io/",
                       "engine/base/"],
    "engine/broker/": ["engine/broker/", "engine/metadata/", "engine/storage/", "engine/protocol/", "engine/io/",
                       "engine/base/"],
    "engine/client/core/": ["engine/client/core/", "engine/api/", "engine/protocol/", "engine/io/", "engine/base/"],
    "engine/client/rdkafka/": ["engine/client/rdkafka/", "engine/api/", "engine/base/"],
    "engine/workload/": ["engine/workload/", "engine/api/", "engine/base/"],
    "engine/source/": ENGINE_ALL,
    "engine/runtime/": ["engine/runtime/", "engine/broker/", "engine/quorum/", "engine/client/core/", "engine/metadata/",
                        "engine/storage/", "engine/protocol/", "engine/io/", "engine/base/"],
    "tests/": ["tests/", "app/", "ui/", "models/", "engine/", "resources/"],
}

# Where an outside header may be included at all.
HEADER_HOMES = [
    (re.compile(r"<(boost/)?asio|<boost/asio|<boost/beast"), ("engine/runtime/real/",), "Asio and Beast"),
    (re.compile(r"<librdkafka/"), ("engine/client/rdkafka/", "app/bench/"), "librdkafka"),
    (re.compile(r"<(thread|mutex|condition_variable|future|shared_mutex|atomic)>"),
     ("engine/runtime/", "engine/client/rdkafka/", "engine/source/", "models/", "app/", "ui/", "tests/"), "threads"),
]

# Calls with no place in deterministic cores.
CORE = ("engine/base/", "engine/io/", "engine/protocol/", "engine/storage/", "engine/metadata/", "engine/quorum/",
        "engine/broker/", "engine/client/core/", "engine/workload/", "engine/runtime/sim/")
BANNED = [
    (re.compile(r"\bstd::random_device\b"), "random_device"),
    (re.compile(r"\bstd::(uniform|normal|bernoulli|poisson|exponential)_\w*distribution\b"), "a std distribution"),
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)\b"), "a clock"),
    (re.compile(r"\b(gettimeofday|clock_gettime|time)\s*\(\s*(NULL|nullptr|0|&)"), "a clock"),
    (re.compile(r"\bstd::(thread|jthread|mutex|async)\b"), "a thread or a lock"),
    (re.compile(r"\b(s?rand|random)\s*\(\s*\)"), "rand"),
    (re.compile(r"\b(fopen|pread|pwrite|::open|::socket)\s*\("), "a file or socket call"),
    (re.compile(r"\bstd::(ofstream|ifstream|fstream)\b"), "a file stream"),
]
QT = re.compile(r'#include\s+<(Q[A-Z]\w*|Qt\w+/.*)>')
WIDGETS = re.compile(r'#include\s+<(QtWidgets|QtGui|QtCharts|QWidget|QPainter|QColor|QIcon|QPixmap|QApplication)\b')
TABLE = re.compile(r"\b(new\s+)?Q(TableView|TableWidget|TreeWidget|ListWidget)\s*[({*]|:\s*public\s+QTableView")
TABLE_HOME = "ui/widgets/"
SLEEP = re.compile(r"\b(sleep_for|usleep|nanosleep|QThread::m?sleep|QTest::qSleep)\b")
MAX_LINES, MAX_COLUMNS = 800, 120
SUFFIXES = {".h", ".cpp"}


def home(path, table):
    best = ""
    for prefix in table:
        if path.startswith(prefix) and len(prefix) > len(best):
            best = prefix
    return best


def strip(text):
    """Code without comments and strings, line structure kept (includes stay: they are read before)."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    text = re.sub(r'"(\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"//[^\n]*", "", text)


def check(path, text):
    found = []
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        found.append((MAX_LINES, f"{len(lines)} lines: split it ({MAX_LINES} is the end)"))
    if not text.startswith("// SPDX-License-Identifier: GPL-3.0-or-later"):
        found.append((1, "no SPDX line at the top"))
    layer = home(path, LAYERS)
    allowed = LAYERS.get(layer, [])
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS and "R\"" not in line:
            found.append((number, f"{len(line)} columns"))
        include = re.match(r'\s*#include\s+"([^"]+)"', line)
        if include and "/" in include.group(1):
            target = include.group(1)
            if layer and not any(target.startswith(a) for a in allowed):
                found.append((number, f"{layer} may not include {target}"))
        if path.startswith("engine/") and QT.search(line):
            found.append((number, "the engine knows no Qt"))
        if path.startswith("models/") and WIDGETS.search(line):
            found.append((number, "models know no widgets"))
        for pattern, homes, what in HEADER_HOMES:
            if line.lstrip().startswith("#include") and pattern.search(line) and not path.startswith(homes) \
                    and not path.startswith("tests/"):
                found.append((number, f"{what} only in {', '.join(homes)}"))
    for number, line in enumerate(strip(text).splitlines(), 1):
        if path.startswith(CORE):
            for pattern, what in BANNED:
                if pattern.search(line):
                    found.append((number, f"{what} in a deterministic core"))
        if path.startswith(("ui/", "app/")) and not path.startswith(TABLE_HOME) and TABLE.search(line):
            found.append((number, "tables go through the one shared table view (ui/widgets)"))
        if path.startswith("tests/") and SLEEP.search(line) and "tidy:silence" not in lines[max(0, number - 2)]:
            found.append((number, "a test waits for events, never for wall time"))
    return found


def main():
    if "--self-test" in sys.argv:
        spdx = "// SPDX-License-Identifier: GPL-3.0-or-later\n"
        bad = [("models/a.cpp", '#include "ui/x.h"'), ("engine/broker/a.cpp", "auto t = std::chrono::steady_clock::now();"),
               ("engine/storage/a.cpp", '#include "engine/broker/b.h"'), ("engine/base/a.h", "#include <QString>"),
               ("models/a.h", "#include <QWidget>"), ("ui/pages/a.cpp", "auto* t = new QTableView(this);"),
               ("ui/a.cpp", "\n" * 900), ("tests/a.cpp", "std::this_thread::sleep_for(1s);"),
               ("engine/broker/a.cpp", "#include <boost/asio.hpp>"), ("ui/a.cpp", '#include "engine/broker/b.h"'),
               ("engine/quorum/a.cpp", "std::random_device d;"), ("engine/metadata/a.cpp", "#include <mutex>")]
        missed = [b for b in bad if not check(b[0], spdx + b[1])]
        clean = check("ui/a.cpp", spdx + '#include "models/b.h"\n// steady_clock is fine in a comment\n')
        print(f"{len(bad)} planted faults, {len(missed)} missed, {len(clean)} false findings", *missed)
        return 1 if missed or clean else 0
    failures = 0
    files = [p for top in ("app", "ui", "models", "engine", "tests") if (ROOT / top).exists()
             for p in sorted((ROOT / top).rglob("*")) if p.suffix in SUFFIXES]
    for file in files:
        path = file.relative_to(ROOT).as_posix()
        for number, what in check(path, file.read_text(encoding="utf-8")):
            print(f"{path}:{number}: {what}")
            failures += 1
    print(f"{len(files)} files, {failures} findings")
    return 1 if failures else 0


sys.exit(main())
