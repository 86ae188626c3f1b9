// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/disk.h"

#include <algorithm>

#include "engine/storage/log/scrub.h"

namespace odradek::sim {
namespace {

/// What scrubRange works on; stops with an error after `budget` writes, for crashes in its middle.
class Scrubbed final : public storage::ScrubFile {
public:
    Scrubbed(File& file, std::uint64_t budget, bool track)
        : m_file(file), m_budget(budget), m_track(track) {}
    Result<std::size_t> read(std::uint64_t position, std::span<std::uint8_t> into) override {
        const auto bytes = m_file.read(position, into.size());
        std::copy_n(bytes.data(), bytes.size(), into.begin());
        return bytes.size();
    }
    Result<void> write(std::uint64_t position, ByteSpan data) override {
        if (m_budget == 0)
            return fail(ErrorCode::Io, "cut short");
        --m_budget;
        m_file.write(position, data, m_track);
        return {};
    }
    Result<void> flush() override {
        m_file.flush();
        return {};
    }

private:
    File& m_file;
    std::uint64_t m_budget;
    bool m_track;
};

/// The paths an effect touches; the second one is empty mostly.
std::pair<const std::string*, const std::string*> pathsOf(const io::Effect& effect) {
    if (const auto* e = std::get_if<io::DiskWrite>(&effect))
        return {&e->path, nullptr};
    if (const auto* e = std::get_if<io::DiskRead>(&effect))
        return {&e->path, nullptr};
    if (const auto* e = std::get_if<io::DiskFlush>(&effect))
        return {&e->path, nullptr};
    if (const auto* e = std::get_if<io::DiskTruncate>(&effect))
        return {&e->path, nullptr};
    if (const auto* e = std::get_if<io::DiskReplace>(&effect))
        return {&e->path, nullptr};
    if (const auto* e = std::get_if<io::DiskRename>(&effect))
        return {&e->from, &e->to};
    if (const auto* e = std::get_if<io::DiskRemove>(&effect))
        return {&e->path, nullptr};
    if (const auto* e = std::get_if<io::DiskScrub>(&effect))
        return {&e->path, nullptr};
    return {nullptr, nullptr};
}

bool covers(const std::string& pathOrFolder, const std::string& path) {
    return path == pathOrFolder ||
           (path.size() > pathOrFolder.size() && path[pathOrFolder.size()] == '/' &&
            path.starts_with(pathOrFolder));
}

io::OpId opOf(const io::Effect& effect) {
    return std::visit(
        [](const auto& e) -> io::OpId {
            if constexpr (requires { e.op; })
                return e.op;
            else
                return 0;
        },
        effect);
}

}  // namespace

bool Disk::takes(const io::Effect& effect) {
    return pathsOf(effect).first != nullptr;
}

std::int64_t Disk::duration(const io::Effect& effect) {
    const bool slow = std::holds_alternative<io::DiskFlush>(effect) ||
                      std::holds_alternative<io::DiskReplace>(effect) ||
                      std::holds_alternative<io::DiskRename>(effect) ||
                      std::holds_alternative<io::DiskScrub>(effect);
    auto ns = slow ? m_random.between(m_times.flushMinNs, m_times.flushMaxNs)
                   : m_random.between(m_times.opMinNs, m_times.opMaxNs);
    if (const auto* write = std::get_if<io::DiskWrite>(&effect))
        ns += static_cast<std::int64_t>(write->data.size()) * m_times.perMiBNs / (1 << 20);
    return ns * m_slowness;
}

Disk::Accepted Disk::submit(Instant now, std::uint32_t actor, io::Effect effect) {
    const Lane lane = std::holds_alternative<io::DiskScrub>(effect) ? Background : Foreground;
    Instant start = std::max(now, m_lanes[lane].freeAt);
    const auto [path, other] = pathsOf(effect);
    if (lane == Background) {
        start = std::max(start,
                         m_lanes[Foreground].freeAt);  // after what was issued before on its path
    } else {
        for (auto it = m_scrubbing.begin(); it != m_scrubbing.end();) {
            if (it->second <= start) {
                it = m_scrubbing.erase(it);
                continue;
            }
            if (covers(*path, it->first) || (other != nullptr && covers(*other, it->first)))
                start = it->second;
            ++it;
        }
    }
    const Instant end = start + Nanoseconds(duration(effect));
    if (lane == Background)
        m_scrubbing[*path] = end;
    m_lanes[lane].freeAt = end;
    m_lanes[lane].queue.push_back({actor, std::move(effect)});
    return {lane, end};
}

void Disk::trace(const io::Effect& effect, TraceHash& hash) const {
    const auto [path, other] = pathsOf(effect);
    hash.add((std::uint64_t{effect.index()} << 56) | opOf(effect));
    hash.add(Bytes({}, reinterpret_cast<const std::uint8_t*>(path->data()), path->size()).span());
    if (const auto* write = std::get_if<io::DiskWrite>(&effect)) {
        hash.add(write->offset);
        hash.add(write->data);
    } else if (const auto* replace = std::get_if<io::DiskReplace>(&effect)) {
        hash.add(replace->data);
    } else if (const auto* truncate = std::get_if<io::DiskTruncate>(&effect)) {
        hash.add(truncate->size);
    }
}

Disk::Done Disk::complete(Lane lane, TraceHash& hash) {
    auto& queue = m_lanes[lane].queue;
    Queued one = std::move(queue.front());
    queue.pop_front();
    trace(one.effect, hash);
    if (m_trouble != DiskTrouble{})
        if (auto may = mayPerform(one.effect); !may)
            return {one.actor, opOf(one.effect), std::unexpected(may.error())};
    auto result = perform(one.effect);
    return {one.actor, opOf(one.effect), std::move(result)};
}

/// Whether the trouble this disk is in lets an effect happen.
Result<void> Disk::mayPerform(const io::Effect& effect) {
    const auto fails = [&](std::uint32_t perMille) {
        return perMille > 0 && m_random.chance(perMille, 1000);
    };
    const auto* path = pathsOf(effect).first;
    if (std::holds_alternative<io::DiskRead>(effect)) {
        if (fails(m_trouble.readErrors))
            return fail(ErrorCode::Io, "cannot read " + *path + ": input/output error");
        return {};
    }
    if (std::holds_alternative<io::DiskFlush>(effect)) {
        if (fails(m_trouble.flushErrors))
            return fail(ErrorCode::Io, "cannot flush " + *path + ": input/output error");
        return {};
    }
    const auto* write = std::get_if<io::DiskWrite>(&effect);
    const bool replaces = std::holds_alternative<io::DiskReplace>(effect);
    if (write == nullptr && !replaces)
        return {};
    if (fails(m_trouble.writeErrors))
        return fail(ErrorCode::Io, "cannot write " + *path + ": input/output error");
    if (!m_trouble.full)
        return {};
    const auto found = m_files.find(*path);
    const auto size = found == m_files.end() ? 0 : found->second.size();
    if (replaces || std::max(write->offset + write->data.size(), write->preallocate) > size)
        return fail(ErrorCode::NoSpace, "cannot write " + *path + ": no space left on device");
    return {};
}

void Disk::wipe() {
    kill();
    m_files.clear();
}

Result<Bytes> Disk::perform(const io::Effect& effect) {
    return std::visit(
        [this](const auto& e) -> Result<Bytes> {
            using E = std::decay_t<decltype(e)>;
            if constexpr (std::is_same_v<E, io::DiskScrub>)
                return scrub(e, UINT64_MAX);
            else if constexpr (requires { this->apply(e); })
                return apply(e);
            else
                return fail(ErrorCode::Invalid, "not a disk effect");
        },
        effect);
}

Result<Bytes> Disk::apply(const io::DiskWrite& write) {
    File& file = m_files[write.path];
    if (write.preallocate > file.size())
        file.resize(write.preallocate, m_track);
    std::uint64_t at = write.offset;
    if (m_misplace && !write.data.empty() && covers(m_misplace->folder, write.path) &&
        write.path.ends_with(".log")) {
        const bool elsewhere = std::exchange(m_misplace, std::nullopt)->elsewhere;
        if (!elsewhere) {
            file.resize(std::max(file.size(), at + write.data.size()), m_track);
            return Bytes();
        }
        at = m_random.below(std::max<std::uint64_t>(file.size(), 1));
    }
    for (const auto& part : write.data.parts()) {
        file.write(at, part, m_track);
        at += part.size();
    }
    return Bytes();
}

Result<Bytes> Disk::apply(const io::DiskRead& one) {
    return read(one.path, one.offset, one.size);
}

Result<Bytes> Disk::apply(const io::DiskFlush& flush) {
    const auto found = m_files.find(flush.path);
    if (found == m_files.end())
        return fail(ErrorCode::NotFound, "cannot flush " + flush.path + ": it is not there");
    found->second.flush();
    return Bytes();
}

Result<Bytes> Disk::apply(const io::DiskTruncate& truncate) {
    const auto found = m_files.find(truncate.path);
    if (found == m_files.end())
        return fail(ErrorCode::NotFound, "cannot truncate " + truncate.path + ": it is not there");
    found->second.resize(truncate.size, m_track);
    return Bytes();
}

Result<Bytes> Disk::apply(const io::DiskReplace& replace) {
    put(replace.path, replace.data.flatten());
    return Bytes();
}

Result<Bytes> Disk::apply(const io::DiskRename& rename) {
    bool any = false;
    for (auto it = m_files.begin(); it != m_files.end();) {
        if (!covers(rename.from, it->first)) {
            ++it;
            continue;
        }
        any = true;
        const auto to = rename.to + it->first.substr(rename.from.size());
        File file = std::move(it->second);
        it = m_files.erase(it);
        m_files[to] = std::move(file);
    }
    if (!any)
        return fail(ErrorCode::NotFound, "cannot rename " + rename.from + ": it is not there");
    return Bytes();
}

Result<Bytes> Disk::apply(const io::DiskRemove& remove) {
    std::erase_if(m_files, [&](const auto& entry) { return covers(remove.path, entry.first); });
    return Bytes();
}

Result<Bytes> Disk::scrub(const io::DiskScrub& scrub, std::uint64_t budget) {
    const auto found = m_files.find(scrub.path);
    if (found == m_files.end())
        return fail(ErrorCode::NotFound, "cannot scrub " + scrub.path + ": it is not there");
    Scrubbed file(found->second, budget, m_track);
    if (auto done = storage::scrubRange(file, scrub.from, scrub.to); !done)
        return std::unexpected(done.error());
    return Bytes();
}

/// What was under way when the end came.
void Disk::performPart(LaneState& lane) {
    if (!lane.queue.empty() && m_random.chance(1, 2)) {
        const auto& effect = lane.queue.front().effect;
        if (const auto* write = std::get_if<io::DiskWrite>(&effect)) {
            const Bytes all = write->data.flatten();
            io::DiskWrite part = *write;
            part.data = Chain(all.slice(0, m_random.below(all.size() + 1)));
            (void)apply(part);
        } else if (const auto* zeroing = std::get_if<io::DiskScrub>(&effect)) {
            (void)scrub(*zeroing, m_random.below(8));
        } else {
            (void)perform(effect);
        }
    }
    lane.queue.clear();
    lane.freeAt = Instant{};
}

void Disk::kill() {
    for (auto& lane : m_lanes)
        performPart(lane);
    m_scrubbing.clear();
}

void Disk::powerCut() {
    kill();
    for (auto it = m_files.begin(); it != m_files.end();) {
        if (!it->second.isDurable() && m_random.chance(1, 2)) {
            it = m_files.erase(it);
            continue;
        }
        it->second.losePower(m_random);
        ++it;
    }
}

void Disk::put(const std::string& path, ByteSpan content) {
    File file;
    file.write(0, content, false);
    file.flush();
    m_files[path] = std::move(file);
}

Result<std::vector<io::BootDisk::Entry>> Disk::list(const std::string& folder) {
    const std::string prefix = folder.empty() ? "" : folder + "/";
    std::vector<Entry> entries;
    for (auto it = m_files.lower_bound(prefix);
         it != m_files.end() && it->first.starts_with(prefix); ++it) {
        const auto slash = it->first.find('/', prefix.size());
        const bool isFolder = slash != std::string::npos;
        auto name =
            it->first.substr(prefix.size(), isFolder ? slash - prefix.size() : std::string::npos);
        if (entries.empty() || entries.back().name != name)
            entries.push_back({std::move(name), isFolder, isFolder ? 0 : it->second.size()});
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    entries.erase(std::unique(entries.begin(), entries.end(),
                              [](const Entry& a, const Entry& b) { return a.name == b.name; }),
                  entries.end());
    return entries;
}

Result<Bytes> Disk::read(const std::string& path, std::uint64_t offset, std::uint64_t size) {
    const auto found = m_files.find(path);
    if (found == m_files.end())
        return fail(ErrorCode::NotFound, path + " is not there");
    return found->second.read(offset, size);
}

}  // namespace odradek::sim
