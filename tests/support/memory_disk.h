// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/prng.h"
#include "engine/io/ports.h"
#include "engine/storage/log/scrub.h"

namespace odradek::test {

/// A node's disk in memory, for tests: performs io effects in order, one at a time, and can lose
/// power.
///
/// What it promises is what io/ports.h promises and nothing more. After `kill` (the process dies)
/// finished effects stay, the one under way may have been done in part, queued ones are lost. After
/// `powerCut` only flushed bytes are sure: of every write since the file's last flush each 512-byte
/// sector may or may not be there, truncations may be undone, unflushed new files may be missing,
/// removed files may be back. Replace and rename are durable when done. Names of one folder become
/// durable in the order they were made, as with a journal or a flushed folder. A copyable,
/// deterministic value (seeded).
class MemoryDisk : public io::BootDisk {
public:
    static constexpr std::size_t kSector = 512;

    explicit MemoryDisk(std::uint64_t seed = 1) : m_random(seed) {}

    // ---- Effects
    // ---------------------------------------------------------------------------------------------
    /// Queues the disk effects among these, in order; the others are left in `effects`.
    void submit(io::Effects& effects) {
        io::Effects rest;
        for (auto& effect : effects) {
            if (isDisk(effect))
                m_queue.push_back(std::move(effect));
            else
                rest.push_back(std::move(effect));
        }
        effects = std::move(rest);
    }
    std::size_t queued() const { return m_queue.size(); }
    /// Performs the oldest queued effect; its completion, if one was wanted.
    std::optional<io::DiskDone> step() {
        if (m_queue.empty())
            return std::nullopt;
        io::Effect effect = std::move(m_queue.front());
        m_queue.pop_front();
        ++m_performed;
        return perform(effect);
    }
    std::uint64_t performed() const { return m_performed; }
    /// The next effects of this kind on paths that contain `part` fail with Io (ENOSPC, EIO ...).
    template <class Effect>
    void failNext(std::string part) {
        m_failures.push_back({io::Effect(Effect{}).index(), std::move(part)});
    }

    /// From now on each effect fails with this probability, in thousandths; 0 = the disk is well again. Of a failed
    /// write any part may have been done. What was not flushed when a flush fails looks written and never reaches the
    /// disk, whatever flush succeeds later, unless it is written again.
    void failRandomly(std::uint64_t permille) { m_failPermille = permille; }
    /// How many flushes of segment files have failed.
    std::uint64_t failedFlushes() const { return m_failedFlushes; }

    /// From now on effects of this kind report success and do nothing: a planted bug, to see that a
    /// test notices.
    template <class Effect>
    void pretend() {
        m_pretended = io::Effect(Effect{}).index();
    }

    /// The process dies.
    void kill() {
        performPart();
        m_queue.clear();
    }
    /// The machine loses power.
    void powerCut() {
        performPart();
        m_queue.clear();
        std::map<std::string, File> left;
        const auto lastName = m_random.below(m_names + 1);
        for (auto& [path, file] : m_files) {
            if (!file.durable && file.number > lastName)
                continue;
            settleAfterCut(file);
            left[path] = std::move(file);
        }
        for (auto& [path, file] : m_removed)
            if (!left.contains(path) && m_random.chance(1, 2)) {
                settleAfterCut(file);
                left[path] = std::move(file);
            }
        m_removed.clear();
        m_files = std::move(left);
    }

    // ---- Looking in
    // ------------------------------------------------------------------------------------------
    bool exists(const std::string& path) const { return m_files.contains(path); }
    Bytes content(const std::string& path) const {
        const auto it = m_files.find(path);
        return it == m_files.end() ? Bytes() : Bytes::copy(ByteSpan(it->second.now));
    }
    std::vector<std::string> paths() const {
        std::vector<std::string> all;
        for (const auto& [path, file] : m_files)
            all.push_back(path);
        return all;
    }
    /// Changes a file behind everybody's back (bit rot, hand-made damage); durable at once.
    void put(const std::string& path, ByteSpan content) {
        File& file = open(path);
        file.now.assign(content.begin(), content.end());
        file.lost.clear();
        file.flush();
        nameIsDurable(path, file);
    }
    void erase(const std::string& path) { m_files.erase(path); }

    // ---- BootDisk
    // --------------------------------------------------------------------------------------------
    Result<std::vector<Entry>> list(const std::string& folder) override {
        const std::string prefix = folder.empty() ? "" : folder + "/";
        std::map<std::string, Entry> entries;
        for (const auto& [path, file] : m_files) {
            if (!path.starts_with(prefix))
                continue;
            const auto rest = path.substr(prefix.size());
            const auto slash = rest.find('/');
            const auto name = rest.substr(0, slash);
            entries[name] = {name, slash != std::string::npos,
                             slash == std::string::npos ? file.now.size() : 0};
        }
        std::vector<Entry> sorted;
        for (auto& [name, entry] : entries)
            sorted.push_back(std::move(entry));
        return sorted;
    }
    Result<Bytes> read(const std::string& path, std::uint64_t offset, std::uint64_t size) override {
        ++m_reads;
        const auto it = m_files.find(path);
        if (it == m_files.end())
            return fail(ErrorCode::NotFound, path + " is not there");
        const auto& bytes = it->second.now;
        if (offset >= bytes.size())
            return Bytes();
        const auto count = std::min<std::uint64_t>(size, bytes.size() - offset);
        m_bytesRead += count;
        return Bytes::copy(ByteSpan(bytes).subspan(offset, count));
    }
    std::uint64_t reads() const { return m_reads; }
    std::uint64_t bytesRead() const { return m_bytesRead; }

private:
    struct Change {
        bool truncate = false;
        std::uint64_t offset = 0;  ///< or the new size
        std::vector<std::uint8_t> data;
    };
    struct File {
        std::vector<std::uint8_t> now;
        std::vector<std::uint8_t> flushed;
        std::vector<Change> changes;  ///< since the last flush
        std::vector<bool> lost;       ///< per byte: only in memory for ever, since a flush failed
        bool durable = false;         ///< its name survives a power cut
        std::uint64_t number = 0;     ///< names are numbered as they are made

        void write(std::uint64_t offset, ByteSpan data) {
            if (now.size() < offset + data.size())
                now.resize(offset + data.size());
            std::copy(data.begin(), data.end(), now.begin() + static_cast<std::ptrdiff_t>(offset));
            for (std::size_t i = offset; i < std::min<std::size_t>(lost.size(), offset + data.size()); ++i)
                lost[i] = false;
            changes.push_back({false, offset, {data.begin(), data.end()}});
        }
        void resize(std::uint64_t size) {
            now.resize(size);
            if (lost.size() > size)
                lost.resize(size);
            changes.push_back({true, size, {}});
        }
        void flush() {
            auto reached = now;
            for (std::size_t i = 0; i < std::min(lost.size(), reached.size()); ++i)
                if (lost[i])
                    reached[i] = i < flushed.size() ? flushed[i] : 0;
            flushed = std::move(reached);
            changes.clear();
        }
        void failFlush() {
            for (const auto& change : changes) {
                if (change.truncate)
                    continue;  // sizes are the file system's, and journalled
                lost.resize(std::max<std::size_t>(lost.size(), change.offset + change.data.size()));
                std::fill_n(lost.begin() + static_cast<std::ptrdiff_t>(change.offset), change.data.size(), true);
            }
            lost.resize(std::min(lost.size(), now.size()));
            std::erase_if(changes, [](const Change& change) { return !change.truncate; });
        }
    };
    struct Failure {
        std::size_t kind = 0;
        std::string part;
    };
    /// What scrubRange works on; stops with an error after `budget` writes, for crashes in its
    /// middle.
    struct Scrubbed : storage::ScrubFile {
        File& file;
        std::uint64_t budget;
        Scrubbed(File& f, std::uint64_t b) : file(f), budget(b) {}
        Result<std::size_t> read(std::uint64_t position, std::span<std::uint8_t> into) override {
            if (position >= file.now.size())
                return std::size_t{0};
            const auto count = std::min<std::size_t>(into.size(), file.now.size() - position);
            std::copy_n(file.now.begin() + static_cast<std::ptrdiff_t>(position), count,
                        into.begin());
            return count;
        }
        Result<void> write(std::uint64_t position, ByteSpan data) override {
            if (budget == 0)
                return fail(ErrorCode::Io, "stopped");
            --budget;
            file.write(position, data);
            return {};
        }
        Result<void> flush() override {
            if (budget == 0)
                return fail(ErrorCode::Io, "stopped");
            file.flush();
            return {};
        }
    };

    static bool isDisk(const io::Effect& effect) {
        return std::visit([]<class E>(const E&) { return requires(E e) { e.op; }; }, effect);
    }

    std::optional<io::DiskDone> perform(io::Effect& effect) {
        for (auto it = m_failures.begin(); it != m_failures.end(); ++it)
            if (it->kind == effect.index() && pathOf(effect).find(it->part) != std::string::npos) {
                m_failures.erase(it);
                return done(opOf(effect), fail(ErrorCode::Io, "disk error"));
            }
        if (m_failPermille > 0 && m_random.chance(m_failPermille, 1000)) {
                spoil(effect);
            return done(opOf(effect), fail(ErrorCode::Io, "disk error"));
        }
        if (m_pretended == effect.index())
            return done(opOf(effect), Bytes());
        auto result = std::visit([&](auto& e) { return apply(e); }, effect);
        return done(opOf(effect), std::move(result));
    }
    /// What a failing effect leaves behind.
    void spoil(io::Effect& effect) {
        if (auto* write = std::get_if<io::DiskWrite>(&effect)) {
            const Bytes all = write->data.flatten();
            io::DiskWrite part = *write;
            part.data = Chain(all.slice(0, m_random.below(all.size() + 1)));
            (void)apply(part);
        } else if (const auto* flush = std::get_if<io::DiskFlush>(&effect)) {
            if (const auto it = m_files.find(flush->path); it != m_files.end()) {
                it->second.failFlush();
                m_failedFlushes += flush->path.ends_with(".log") ? 1 : 0;
            }
        }
    }
    static std::optional<io::DiskDone> done(io::OpId op, Result<Bytes> result) {
        if (op == 0)
            return std::nullopt;
        return io::DiskDone{op, std::move(result)};
    }
    static io::OpId opOf(const io::Effect& effect) {
        return std::visit(
            []<class E>(const E& e) -> io::OpId {
                if constexpr (requires { e.op; })
                    return e.op;
                return 0;
            },
            effect);
    }
    static std::string pathOf(const io::Effect& effect) {
        return std::visit(
            []<class E>(const E& e) -> std::string {
                if constexpr (requires { e.path; })
                    return e.path;
                else if constexpr (requires {
                                       e.from;
                                       e.to;
                                       e.op;
                                   })
                    return e.from;
                return {};
            },
            effect);
    }

    static std::string folderOf(const std::string& path) {
        return path.substr(0, path.find_last_of('/') + 1);
    }
    File& open(const std::string& path) {
        const auto [it, made] = m_files.try_emplace(path);
        if (made)
            it->second.number = ++m_names;
        return it->second;
    }
    void nameIsDurable(const std::string& path, File& file) {
        if (file.durable)
            return;
        for (auto& [other, sibling] : m_files)
            if (sibling.number <= file.number && folderOf(other) == folderOf(path))
                sibling.durable = true;
    }

    template <class Other>
    Result<Bytes> apply(Other&) {
        return Bytes();
    }
    Result<Bytes> apply(io::DiskWrite& write) {
        File& file = open(write.path);
        if (write.preallocate > file.now.size())
            file.resize(write.preallocate);
        std::uint64_t at = write.offset;
        for (const auto& part : write.data.parts()) {
            file.write(at, part);
            at += part.size();
        }
        return Bytes();
    }
    Result<Bytes> apply(io::DiskRead& wanted) {
        return read(wanted.path, wanted.offset, wanted.size);
    }
    Result<Bytes> apply(io::DiskFlush& flush) {
        const auto it = m_files.find(flush.path);
        if (it == m_files.end())
            return fail(ErrorCode::NotFound, flush.path + " cannot be flushed: it is not there");
        it->second.flush();
        nameIsDurable(it->first, it->second);
        return Bytes();
    }
    Result<Bytes> apply(io::DiskTruncate& cut) {
        const auto it = m_files.find(cut.path);
        if (it == m_files.end())
            return fail(ErrorCode::NotFound, cut.path + " cannot be cut: it is not there");
        it->second.resize(cut.size);
        return Bytes();
    }
    Result<Bytes> apply(io::DiskReplace& replace) {
        const Bytes all = replace.data.flatten();
        put(replace.path, all);
        return Bytes();
    }
    Result<Bytes> apply(io::DiskRename& rename) {
        std::vector<std::string> moving;
        for (const auto& [path, file] : m_files)
            if (path == rename.from || path.starts_with(rename.from + "/"))
                moving.push_back(path);
        if (moving.empty())
            return fail(ErrorCode::NotFound, rename.from + " cannot be renamed: it is not there");
        for (const auto& path : moving) {
            auto node = m_files.extract(path);
            node.key() = rename.to + path.substr(rename.from.size());
            node.mapped().number = ++m_names;
            node.mapped().durable = false;  // until the folder is flushed, just below
            m_removed.erase(path);
            m_files.erase(node.key());
            const auto at = m_files.insert(std::move(node)).position;
            nameIsDurable(at->first, at->second);
        }
        return Bytes();
    }
    Result<Bytes> apply(io::DiskRemove& remove) {
        for (auto it = m_files.begin(); it != m_files.end();) {
            if (it->first != remove.path && !it->first.starts_with(remove.path + "/")) {
                ++it;
                continue;
            }
            if (it->second.durable)
                m_removed[it->first] = std::move(it->second);
            it = m_files.erase(it);
        }
        return Bytes();
    }
    Result<Bytes> apply(io::DiskScrub& scrub) { return scrubFile(scrub, UINT64_MAX); }
    Result<Bytes> scrubFile(const io::DiskScrub& scrub, std::uint64_t budget) {
        const auto it = m_files.find(scrub.path);
        if (it == m_files.end())
            return fail(ErrorCode::NotFound, scrub.path + " cannot be scrubbed: it is not there");
        Scrubbed file(it->second, budget);
        auto stats = storage::scrubRange(file, scrub.from, scrub.to);
        if (!stats)
            return std::unexpected(stats.error());
        return Bytes();
    }

    /// What was under way when the end came: part of a write, or part of a scrub.
    void performPart() {
        if (m_queue.empty() || m_random.chance(1, 2))
            return;
        if (auto* write = std::get_if<io::DiskWrite>(&m_queue.front())) {
            const Bytes all = write->data.flatten();
            io::DiskWrite part = *write;
            part.data = Chain(all.slice(0, m_random.below(all.size() + 1)));
            (void)apply(part);
        } else if (auto* scrub = std::get_if<io::DiskScrub>(&m_queue.front())) {
            (void)scrubFile(*scrub, m_random.below(8));
        } else if (std::holds_alternative<io::DiskRename>(m_queue.front()) ||
                   std::holds_alternative<io::DiskReplace>(m_queue.front())) {
            (void)perform(m_queue.front());
        }
    }

    void settleAfterCut(File& file) {
        std::vector<std::uint8_t> left = file.flushed;
        bool cutsHold = true;
        const auto mood =
            m_random.below(4);  // of this file: nothing, half, most or all of the sectors arrived
        for (const auto& change : file.changes) {
            if (change.truncate) {
                cutsHold = cutsHold && (mood == 3 || m_random.chance(1, 2));
                if (cutsHold)
                    left.resize(change.offset);
                continue;
            }
            for (std::size_t at = 0; at < change.data.size();) {
                const std::size_t inSector = kSector - (change.offset + at) % kSector;
                const std::size_t count = std::min(inSector, change.data.size() - at);
                const bool arrived = mood == 3 || (mood == 2 && m_random.chance(15, 16)) ||
                                     (mood == 1 && m_random.chance(1, 2));
                if (arrived) {
                    const std::uint64_t begin = change.offset + at;
                    if (left.size() < begin + count)
                        left.resize(begin + count);
                    std::copy_n(change.data.begin() + static_cast<std::ptrdiff_t>(at), count,
                                left.begin() + static_cast<std::ptrdiff_t>(begin));
                }
                at += count;
            }
        }
        file.now = std::move(left);
        file.lost.clear();
        file.flush();
        file.durable = true;
    }

    Prng m_random;
    std::map<std::string, File> m_files;
    std::map<std::string, File> m_removed;
    std::deque<io::Effect> m_queue;
    std::vector<Failure> m_failures;
    std::optional<std::size_t> m_pretended;
    std::uint64_t m_failPermille = 0;
    std::uint64_t m_failedFlushes = 0;
    std::uint64_t m_performed = 0;
    std::uint64_t m_names = 0;
    std::uint64_t m_reads = 0;
    std::uint64_t m_bytesRead = 0;
};

}  // namespace odradek::test
